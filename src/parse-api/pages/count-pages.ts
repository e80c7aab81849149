import path from "node:path";
import type { ByteSource } from "./byte-source.js";
import { withBytes } from "./byte-source.js";
import { PdfFile } from "./pdf-file.js";

/** Reads how many pages the root of the page tree says that there are. */
const countPdf = async (bytes: ByteSource): Promise<number | undefined> => {
  const file = await PdfFile.open(bytes);
  const catalog = await file.dictionary(await file.trailer("Root"));
  const tree = await file.dictionary(catalog.get("Pages") ?? null);
  const count = await file.resolve(tree.get("Count") ?? null);
  return typeof count === "number" && Number.isInteger(count) && count > 0 ? count : undefined;
};

/** Counts the images of a TIFF file along the chain of their directories, which a broken file may close to a circle. */
const countTiff = async (bytes: ByteSource): Promise<number | undefined> => {
  const head = await bytes.read(0, 8);
  const order = head.toString("latin1", 0, 4);
  if (order !== "II*\0" && order !== "MM\0*") return undefined;
  const number = (data: Buffer, at: number, size: number): number =>
    order === "II*\0" ? data.readUIntLE(at, size) : data.readUIntBE(at, size);
  const seen = new Set<number>();
  for (let offset = number(head, 4, 4); offset !== 0; ) {
    if (seen.has(offset)) return undefined;
    seen.add(offset);
    const entries = number(await bytes.read(offset, 2), 0, 2);
    offset = number(await bytes.read(offset + 2 + entries * 12, 4), 0, 4);
  }
  return seen.size > 0 ? seen.size : undefined;
};

const COUNTERS: Readonly<Record<string, (bytes: ByteSource) => Promise<number | undefined>>> = {
  ".pdf": countPdf,
  ".tif": countTiff,
  ".tiff": countTiff,
  ".png": async () => 1,
  ".jpg": async () => 1,
  ".jpeg": async () => 1,
  ".webp": async () => 1,
};

/**
 * Counts the pages of a document on this machine, from as few of its bytes as possible.
 *
 * @returns `undefined` where they cannot be counted: in documents of office programs and HTML, whose pages only a
 *   renderer knows, in broken files, and in encrypted ones that also hide their page tree
 */
export const countPages = async (name: string, content: string | Blob): Promise<number | undefined> => {
  const count = COUNTERS[path.extname(name).toLowerCase()];
  // A file that cannot be read or is broken in any way has no known number of pages; the service may still read it.
  return count && withBytes(content, count).catch(() => undefined);
};
