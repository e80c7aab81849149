import { Document } from "@langchain/core/documents";
import { wellFormedJson } from "../../internal/text/well-formed.js";
import type { Point, PointMetadata, SearchHit } from "../sink.js";

/** Metadata key with the id of the point, because many stores return Documents without their id. */
const ID_KEY = "point_id";

/** Converts a point into a Document that LangChain's retrievers can read. */
export const toDocument = ({ id, content, metadata }: Point): Document => {
  const given = { ...metadata, [ID_KEY]: id };
  const json = JSON.stringify(given);
  const wellFormed = wellFormedJson(json);
  return new Document({
    id,
    pageContent: content.toWellFormed(),
    metadata: wellFormed === json ? given : JSON.parse(wellFormed),
  });
};

const isPointMetadata = (metadata: object): metadata is PointMetadata =>
  "doc_id" in metadata &&
  typeof metadata.doc_id === "string" &&
  "version" in metadata &&
  typeof metadata.version === "string";

/** Reads a Document of {@link toDocument}; `undefined` for one that another program wrote. */
export const readDocument = ({
  id,
  pageContent,
  metadata,
}: Document): Omit<SearchHit, "score"> | undefined => {
  const { [ID_KEY]: ownId, ...rest } = metadata;
  return isPointMetadata(rest)
    ? { id: String(ownId ?? id), content: pageContent, metadata: rest }
    : undefined;
};
