import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { UnsiloedResultLoader } from "../../../loaders/result-loader.js";
import { embeddingText } from "../../../src/documents/embedding-text.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";

/** The parts of the package that are judged. */
export interface Product {
  UnsiloedResultLoader: typeof UnsiloedResultLoader;
  SegmentSplitter: typeof SegmentSplitter;
  embeddingText: typeof embeddingText;
}

const isProduct = (module: unknown): module is Product =>
  typeof module === "object" &&
  module !== null &&
  ["UnsiloedResultLoader", "SegmentSplitter", "embeddingText"].every((name) => name in module);

/** Loads the package from its sources, or from a built checkout, to compare another version. */
export const loadProduct = async (checkout: string | undefined): Promise<Product> => {
  if (checkout === undefined) return { UnsiloedResultLoader, SegmentSplitter, embeddingText };
  const root = path.resolve(checkout);
  const manifest: { exports: { ".": { default: string } } } = JSON.parse(
    readFileSync(path.join(root, "package.json"), "utf8"),
  );
  const module: unknown = await import(pathToFileURL(path.join(root, manifest.exports["."].default)).href);
  if (!isProduct(module)) throw new Error(`${root}: not a built checkout of this package`);
  return module;
};

/** Splits one table as a separate document. */
export const splitTable = async (
  product: Product,
  { name, html }: { name: string; html: string },
  chunkSize: number,
) => {
  const segment = {
    segment_id: "table",
    segment_type: "Table",
    html,
    content: "",
    page_number: 1,
    page_width: 1000,
    page_height: 1400,
  };
  const result = {
    job_id: name,
    status: "Succeeded",
    total_chunks: 1,
    chunks: [{ chunk_id: "chunk", segments: [segment] }],
  };
  const documents = await new product.UnsiloedResultLoader(result, { docId: () => name }).load();
  return new product.SegmentSplitter({ chunkSize, chunkOverlap: 0, threads: 0 }).transformDocuments(
    documents,
  );
};
