import { wellFormedJson } from "../../../internal/text/well-formed.js";
import type { Point } from "../../sink.js";

/** Where other readers of the collection expect the text and the words, by client. */
export const PAYLOAD_LAYOUTS = {
  /** LangChain.js and n8n. */
  "langchain-js": { text: "content", sparse: "bm25" },
  "langchain-python": { text: "page_content", sparse: "langchain-sparse" },
  /** LlamaIndex keeps a whole node as JSON, and what it filters by beside it. */
  "llama-index": { text: "_node_content", sparse: "text-sparse-new" },
} as const;

export type PayloadLayout = keyof typeof PAYLOAD_LAYOUTS;

export const LAYOUT_NAMES = [
  "langchain-js",
  "langchain-python",
  "llama-index",
] as const satisfies PayloadLayout[];

/** How points are written unless asked or found otherwise. */
export const DEFAULT_LAYOUT: PayloadLayout = "langchain-js";

/** The payload of LlamaIndex's `node_to_metadata_dict`, with a node that it can read. */
const llamaIndexPayload = ({ id, content, metadata }: Point): object => {
  const { source, doc_id, segment_type, page_number, section_path } = metadata;
  const node = {
    id_: id,
    embedding: null,
    metadata: { source, segment_type, page_number, section_path },
    excluded_embed_metadata_keys: [],
    excluded_llm_metadata_keys: [],
    // "1" is the source of a node, "4" a document.
    relationships: {
      "1": { node_id: doc_id, node_type: "4", metadata: {}, hash: null, class_name: "RelatedNodeInfo" },
    },
    text: content,
    class_name: "TextNode",
  };
  return {
    _node_content: JSON.stringify(node),
    _node_type: "TextNode",
    document_id: doc_id,
    doc_id,
    ref_doc_id: doc_id,
    metadata,
  };
};

/** Returns the payload of a point as JSON. */
export const payloadJson = (point: Point, layout: PayloadLayout): string => {
  const { content, metadata } = point;
  const payload =
    layout === "llama-index"
      ? llamaIndexPayload(point)
      : { [PAYLOAD_LAYOUTS[layout].text]: content, metadata };
  return wellFormedJson(JSON.stringify(payload));
};

/** Recognises for which program a payload was written; `undefined` for one that this package does not know. */
export const layoutOf = (payload: Readonly<Record<string, unknown>>): PayloadLayout | undefined =>
  LAYOUT_NAMES.find((layout) => typeof payload[PAYLOAD_LAYOUTS[layout].text] === "string");
