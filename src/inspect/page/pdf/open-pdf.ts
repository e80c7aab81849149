import type { PDFDocumentProxy } from "pdfjs-dist";
// The build for older browsers: the other one uses functions that came a few months ago.
import { GlobalWorkerOptions, getDocument, VerbosityLevel } from "pdfjs-dist/legacy/build/pdf.mjs";
import workerUrl from "pdfjs-dist/legacy/build/pdf.worker.min.mjs?url";

export type { PDFDocumentProxy };

/** Bytes that one request asks for. */
const RANGE = 256 * 1024;

GlobalWorkerOptions.workerSrc = workerUrl;

/** Opens a PDF file; only the parts of it are read that shown pages need. @param signal closes it */
export const openPdf = async (url: string, signal: AbortSignal): Promise<PDFDocumentProxy> => {
  const task = getDocument({
    url: new URL(url, document.baseURI).href,
    rangeChunkSize: RANGE,
    disableAutoFetch: true,
    disableStream: true,
    // What decodes rare pictures lies beside the page.
    wasmUrl: new URL("pdf/wasm/", document.baseURI).href,
    enableXfa: false,
    verbosity: VerbosityLevel.ERRORS,
  });
  const close = () => void task.destroy();
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  return task.promise;
};
