import type { DocumentView } from "../../contract.js";
import type { PdfFile } from "../pdf/pdf-canvas.js";
import type { Api } from "../shared/api.js";
import { useAnswer } from "../shared/use-answer.js";
import type { Paper } from "./sheet/backdrop.js";

/** Opens the file of a document, if it can be shown. pdf.js is loaded with the first PDF file. */
export const usePaper = (
  api: Api,
  doc: string,
  view: DocumentView | undefined,
): { paper: Paper; problem: string | undefined } => {
  const kind = view?.source.kind;
  const url = api.sourceUrl(doc);
  const pdf = useAnswer<PdfFile>(
    async (signal) => (await import("../pdf/open-pdf.js")).openPdf(url, signal),
    // A file of another size is another file.
    kind === "pdf" ? `${url} ${view?.source.bytes}` : undefined,
  );
  if (kind === "picture") return { paper: { kind, url }, problem: undefined };
  if (pdf.problem !== undefined)
    return {
      paper: { kind: "words" },
      problem: `The file cannot be shown (${pdf.problem}); pages are drawn from their words.`,
    };
  if (kind === "pdf")
    return { paper: pdf.value ? { kind, pdf: pdf.value } : { kind: "opening" }, problem: undefined };
  return { paper: view ? { kind: "words" } : { kind: "opening" }, problem: undefined };
};
