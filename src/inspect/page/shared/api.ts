import type {
  CollectionInfo,
  DocumentList,
  DocumentQuery,
  DocumentReport,
  DocumentView,
  PageView,
  Problem,
  QuestionAnswer,
  QuestionRequest,
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
  report(doc: string, signal?: AbortSignal): Promise<DocumentReport>;
  question(request: QuestionRequest, signal?: AbortSignal): Promise<QuestionAnswer>;
  /** Address of the source file. */
  sourceUrl(doc: string): string;
}

const addressOf = (name: string, query: object): string => {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) parameters.set(key, String(value));
  return `api/${name}?${parameters}`;
};

const answerTo = async <T>(
  address: string,
  request: RequestInit,
  signal: AbortSignal | undefined,
): Promise<T> => {
  const response = await fetch(address, { ...request, ...(signal && { signal }) });
  const body: T | Problem = await response.json();
  if (typeof body === "object" && body !== null && "error" in body && !response.ok)
    throw new Error(body.error.message);
  return body as T;
};

const read = <T>(name: string, query: object, signal: AbortSignal | undefined): Promise<T> =>
  answerTo(addressOf(name, query), {}, signal);

const post = <T>(name: string, body: object, signal: AbortSignal | undefined): Promise<T> => {
  const headers = { "content-type": "application/json" };
  return answerTo(`api/${name}`, { method: "POST", headers, body: JSON.stringify(body) }, signal);
};

export const serverApi: Api = {
  collection: (signal) => read("collection", {}, signal),
  documents: (query, signal) => read("documents", query, signal),
  document: (doc, signal) => read("document", { doc }, signal),
  page: (doc, page, signal) => read("page", { doc, page }, signal),
  segment: (doc, index, signal) => read("segment", { doc, index }, signal),
  split: (doc, id, signal) => read("split", { doc, id }, signal),
  report: (doc, signal) => read("report", { doc }, signal),
  question: (request, signal) => post("question", request, signal),
  sourceUrl: (doc) => addressOf("source", { doc }),
};
