import type { ExportElementId, ExportedDocument, QuestionAnswer } from "../../contract.js";
import type { Api } from "./api.js";

const ELEMENT: ExportElementId = "exported-document";

const found = <T>(value: T | undefined): Promise<T> =>
  value === undefined ? Promise.reject(new Error("This is not part of the export.")) : Promise.resolve(value);

/** Answers from the document that an exported page holds; `undefined` on the page of a server. */
export const exportedApi = (): Api | undefined => {
  const json = document.getElementById(ELEMENT)?.textContent;
  if (json == null) return undefined;
  const exported: ExportedDocument = JSON.parse(json);
  const pages = new Map(exported.pages.map((page) => [page.number, page]));
  const segments = new Map(exported.segments.map((segment) => [segment.view.index, segment]));
  const splits = new Map(exported.splits.map((split) => [split.view.id, split]));
  return {
    collection: () => found(exported.collection),
    documents: () => found(exported.documents),
    document: () => found(exported.document),
    page: (_doc, page) => found(pages.get(page)),
    segment: (_doc, index) => found(segments.get(index)),
    split: (_doc, id) => found(splits.get(id)),
    report: () => found(exported.report),
    question: () => found<QuestionAnswer>(undefined),
    sourceUrl: () => "",
  };
};
