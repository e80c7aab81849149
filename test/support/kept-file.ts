// Takes the files of kept results apart: a header in one line, blocks behind their length, an end.
import { brotliDecompressSync, crc32 } from "node:zlib";

/** A block of no length, and the checksum of everything before it. */
export const END_BYTES = 8;

/** Gives the contents of a file the end that belongs to them, so that only what is in it can be wrong. */
export const sealed = (contents: Buffer): Buffer => {
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(crc32(contents), 4);
  return Buffer.concat([contents, end]);
};

/** Returns the header and each block, with its length before it. */
export const partsOf = (file: Buffer): Buffer[] => {
  const start = file.indexOf("\n") + 1;
  const parts = [file.subarray(0, start)];
  for (let at = start; at < file.length - END_BYTES; ) {
    const end = at + 4 + file.readUInt32LE(at);
    parts.push(file.subarray(at, end));
    at = end;
  }
  return parts;
};

/** Returns everything that a file holds, decompressed. */
export const textOf = (file: Buffer): string => {
  const [header, ...blocks] = partsOf(file);
  const texts = blocks.map((block) => brotliDecompressSync(block.subarray(4)));
  return Buffer.concat([header ?? Buffer.of(), ...texts]).toString("latin1");
};
