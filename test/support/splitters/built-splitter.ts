import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const BUILT = path.resolve(import.meta.dirname, "../../../dist/src/splitters/segment-splitter.js");
if (!existsSync(BUILT)) throw new Error(`${BUILT} is missing: run npm run build first`);

const built: typeof import("../../../src/splitters/segment-splitter.js") = await import(
  pathToFileURL(BUILT).href
);

/** The compiled splitter, because a splitter that runs from TypeScript starts no threads. */
export const BuiltSplitter = built.SegmentSplitter;
