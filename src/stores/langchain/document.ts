import { Document } from "@langchain/core/documents";
import { wellFormedJson } from "../../internal/text/well-formed.js";
import type { Point, PointMetadata, SearchHit } from "../sink.js";

/** Where the id of a point stands too, for the many stores that return Documents without theirs. */
const ID_KEY = "point_id";

/** A point as LangChain's own retrievers read it. */
export const toDocument = ({ id, content, metadata }: Point): Document => {
  const given = { ...metadata, [ID_KEY]: id };
  const json = JSON.stringify(given);
  const sound = wellFormedJson(json);
  return new Document({
    id,
    pageContent: content.toWellFormed(),
    metadata: sound === json ? given : JSON.parse(sound),
  });
};

const isPointMetadata = (metadata: Record<string, unknown>): metadata is PointMetadata =>
  typeof metadata["doc_id"] === "string" && typeof metadata["version"] === "string";

/** What {@link toDocument} wrote; `undefined` for a Document that another program wrote. */
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
