import { PdfCanvas, type PdfFile } from "../../pdf/pdf-canvas.js";

/** What a page is shown by: a PDF file, a picture, or nothing but its words. */
export type Paper =
  | { kind: "pdf"; pdf: PdfFile }
  | { kind: "picture"; url: string }
  /** The file is being opened. */
  | { kind: "opening" }
  | { kind: "words" };

/** The page itself, under its boxes. */
export const Backdrop = ({ paper, number, width }: { paper: Paper; number: number; width: number }) => {
  if (paper.kind === "pdf" && number >= 1 && number <= paper.pdf.numPages)
    return <PdfCanvas pdf={paper.pdf} number={number} width={width} />;
  // A picture has one page.
  if (paper.kind === "picture" && number === 1) return <img class="canvas" src={paper.url} alt="" />;
  return null;
};

/** Whether a page is drawn from its words, because nothing else shows it. */
export const isDrawnFromWords = (paper: Paper, number: number): boolean => {
  if (paper.kind === "pdf") return number < 1 || number > paper.pdf.numPages;
  return paper.kind === "picture" ? number !== 1 : paper.kind === "words";
};
