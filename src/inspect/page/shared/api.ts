import type {
  CollectionInfo,
  DocumentList,
  DocumentQuery,
  DocumentView,
  PageView,
  Problem,
  SegmentDetails,
  SplitDetails,
} from "../../contract.js";

/** Where answers come from: the server, or the files of an export. */
export interface Api {
  collection(signal?: AbortSignal): Promise<CollectionInfo>;
  documents(query: DocumentQuery, signal?: AbortSignal): Promise<DocumentList>;
  document(doc: string, signal?: AbortSignal): Promise<DocumentView>;
  page(doc: string, page: number, signal?: AbortSignal): Promise<PageView>;
  segment(doc: string, index: number, signal?: AbortSignal): Promise<SegmentDetails>;
  split(doc: string, id: string, signal?: AbortSignal): Promise<SplitDetails>;
  /** Address of the source file. */
  sourceUrl(doc: string): string;
}

const addressOf = (name: string, query: object): string => {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) parameters.set(key, String(value));
  return `api/${name}?${parameters}`;
};

const read = async <T>(name: string, query: object, signal: AbortSignal | undefined): Promise<T> => {
  const response = await fetch(addressOf(name, query), signal ? { signal } : {});
  const body: T | Problem = await response.json();
  if (typeof body === "object" && body !== null && "error" in body && !response.ok)
    throw new Error(body.error.message);
  return body as T;
};

export const serverApi: Api = {
  collection: (signal) => read("collection", {}, signal),
  documents: (query, signal) => read("documents", query, signal),
  document: (doc, signal) => read("document", { doc }, signal),
  page: (doc, page, signal) => read("page", { doc, page }, signal),
  segment: (doc, index, signal) => read("segment", { doc, index }, signal),
  split: (doc, id, signal) => read("split", { doc, id }, signal),
  sourceUrl: (doc) => addressOf("source", { doc }),
};
