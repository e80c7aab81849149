import { Document } from "@langchain/core/documents";
import type { Point, PointMetadata, SearchHit } from "../sink.js";

/** Where the id of a point stands too, for the many stores that return Documents without theirs. */
const ID_KEY = "point_id";

/** Escapes that `JSON.stringify` writes only for halves of surrogate pairs, which many stores refuse. */
const LONE_SURROGATE = /\\ud[89a-f]/i;

const wellFormed = (text: string): string => Buffer.from(text, "utf8").toString("utf8");

const reviveWellFormed = (_key: string, value: unknown): unknown =>
  typeof value === "string" ? wellFormed(value) : value;

/** A point as LangChain's own retrievers read it. */
export const toDocument = ({ id, content, metadata }: Point): Document => {
  const given = { ...metadata, [ID_KEY]: id };
  const json = JSON.stringify(given);
  return new Document({
    id,
    pageContent: wellFormed(content),
    metadata: LONE_SURROGATE.test(json) ? JSON.parse(json, reviveWellFormed) : given,
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
