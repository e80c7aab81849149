import type { ExportedDocument, SourceView } from "../contract.js";
import { collectionInfo } from "../data/collection-info.js";
import { describeDocument, recordOf } from "../data/describe.js";
import { openDocument } from "../data/open-document.js";
import { reportOn } from "../data/report.js";
import type { Inspected } from "../options.js";

const NO_SOURCE: SourceView = {
  kind: "none",
  bytes: null,
  note: "The source file is not part of this export.",
};

/** Reads everything that the page shows of one document. @throws UnsiloedError `INVALID_OPTION` */
export const collectDocument = async (inspected: Inspected, docId: string): Promise<ExportedDocument> => {
  const opened = await openDocument(inspected, await recordOf(inspected, docId));
  const { document } = opened;
  const view = await describeDocument(inspected, opened, NO_SOURCE);
  const { row } = view;
  return {
    collection: await collectionInfo(inspected),
    documents: { total: 1, standings: { [row.standing]: 1 }, matched: 1, documents: [row], revision: "" },
    document: view,
    pages: document.pages.map(({ number }) => document.page(number)),
    segments: document.segments.map((_, index) => document.segment(index)),
    splits: await Promise.all(document.splits.map(({ id }) => document.split(id))),
    report: await reportOn(opened),
  };
};
