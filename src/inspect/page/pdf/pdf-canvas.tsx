import type { PDFDocumentProxy } from "pdfjs-dist";
import { useEffect, useRef } from "preact/hooks";

export type PdfFile = PDFDocumentProxy;

/** Pixels of a canvas that browsers draw without trouble; larger pages are drawn less finely. */
const MAX_PIXELS = 16_000_000;

/** How long a size lasts before a page is drawn in it: wheels zoom in many small steps. */
const SETTLE_MS = 80;

const draw = async (pdf: PdfFile, number: number, width: number, signal: AbortSignal) => {
  const page = await pdf.getPage(number);
  const natural = page.getViewport({ scale: 1 });
  const wanted = (width * devicePixelRatio) / natural.width;
  const finest = Math.sqrt(MAX_PIXELS / (natural.width * natural.height));
  const viewport = page.getViewport({ scale: Math.min(wanted, finest) });
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(viewport.width));
  canvas.height = Math.max(1, Math.round(viewport.height));
  if (signal.aborted) return undefined;
  const task = page.render({ canvas, viewport });
  signal.addEventListener("abort", () => task.cancel(), { once: true });
  await task.promise;
  return canvas;
};

/** A page of a PDF file, as wide as it is given. The last drawing stays until the next one is ready. */
export const PdfCanvas = ({ pdf, number, width }: { pdf: PdfFile; number: number; width: number }) => {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const begin = async () => {
      try {
        const canvas = await draw(pdf, number, width, signal);
        if (canvas && !signal.aborted) host.current?.replaceChildren(canvas);
      } catch {
        // A drawing that was ended, or a page that pdf.js cannot draw: the boxes are there all the same.
        if (!signal.aborted) host.current?.replaceChildren("This page of the file cannot be drawn.");
      }
    };
    const timer = setTimeout(() => void begin(), host.current?.firstChild ? SETTLE_MS : 0);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [pdf, number, Math.round(width)]);
  return <div class="canvas" ref={host} />;
};
