import { isRecord, propertyOf } from "../../../internal/objects.js";
import { asPointMetadata } from "../../foreign-metadata.js";
import type { PointContent } from "../../sink.js";

type Payload = Readonly<Record<string, unknown>>;

/** Keys of the text: LangChain.js and n8n, LangChain Python, earlier LlamaIndex, Qdrant's own clients. */
export const TEXT_KEYS = ["content", "page_content", "text", "document"];

/** Key of a whole node as JSON, of LlamaIndex. */
export const NODE = "_node_content";

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

/** Reads a node of LlamaIndex, whose metadata are the other keys of the payload. */
const readNode = (
  id: string,
  { [NODE]: json, _node_type, metadata, ...rest }: Payload,
): PointContent | undefined => {
  const node = typeof json === "string" ? parse(json) : undefined;
  const text = propertyOf(node, "text") ?? propertyOf(propertyOf(node, "text_resource"), "text");
  if (typeof text !== "string") return undefined;
  const given = isRecord(metadata) ? metadata : { ...rest, ...(metadata !== undefined && { metadata }) };
  return { id, content: text, metadata: asPointMetadata(given, id) };
};

/**
 * Reads text and metadata of a point of this package, of LangChain, of LlamaIndex or of n8n; `undefined` where there is no
 * text. Metadata of other programs are completed with what readers of this package expect.
 */
export const readPayload = (id: string, payload: Payload): PointContent | undefined => {
  if (NODE in payload) return readNode(id, payload);
  const key = TEXT_KEYS.find((name) => typeof payload[name] === "string");
  if (key === undefined) return undefined;
  const { [key]: text, metadata, ...rest } = payload;
  return { id, content: String(text), metadata: asPointMetadata(isRecord(metadata) ? metadata : rest, id) };
};
