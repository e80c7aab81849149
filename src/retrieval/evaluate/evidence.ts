import path from "node:path";
import type { PointContent } from "../../stores/sink.js";
import { pagesOf } from "../expand/split-reader.js";
import { holds } from "./holds.js";
import type { ParsedQuestion } from "./questions.js";

/** The evidence that a question asks for. */
export interface Evidence {
  /** Tells whether a text is of the right document; true when none is named. */
  isOfDocument(point: PointContent): boolean;
  /** Tells whether a text is of the right document and page. */
  isOfPage(point: PointContent): boolean;
  /** Tells whether a text has all of the evidence. */
  isIn(point: PointContent): boolean;
}

/** Returns the names by which a document may be called: its id, and the file name in it. */
const namesOf = (docId: string): string[] => {
  const file = docId.split(/[\\/]/).at(-1) ?? docId;
  return [docId, file, path.parse(file).name];
};

export const evidenceOf = ({ answer, document, page }: ParsedQuestion): Evidence => {
  const answers = answer === undefined ? undefined : [answer].flat();
  const pages = page === undefined ? undefined : [page].flat();
  const isOfDocument = ({ metadata }: PointContent): boolean =>
    document === undefined || namesOf(metadata.doc_id).includes(document);
  const isOfPage = (point: PointContent): boolean =>
    isOfDocument(point) && (!pages || pagesOf(point).some((number) => pages.includes(number)));
  const isIn = (point: PointContent): boolean =>
    isOfPage(point) && (!answers || answers.some((words) => holds(point.content, words)));
  return { isOfDocument, isOfPage, isIn };
};
