import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { SourceFile } from "../data/source-file.js";

/** Reads `bytes=0-99`; other forms are answered with the whole file, as they may be. */
const rangeOf = (header: string | undefined, bytes: number): { from: number; to: number } | undefined => {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const from = first === "" ? Math.max(0, bytes - Number(last)) : Number(first);
  const to = first === "" || last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  return { from, to };
};

/** Answers with a file or a range of it, so that a long document is not read whole. */
export const sendFile = (file: SourceFile, range: string | undefined): Response => {
  const { path, mediaType, bytes } = file;
  const part = rangeOf(range, bytes);
  if (part && part.from > part.to)
    return new Response(null, { status: 416, headers: { "content-range": `bytes */${bytes}` } });
  const { from, to } = part ?? { from: 0, to: bytes - 1 };
  const headers = {
    "content-type": mediaType,
    "content-length": String(to - from + 1),
    "accept-ranges": "bytes",
    // A picture or document that is opened by itself runs nothing.
    "content-security-policy": "sandbox; default-src 'none'",
    ...(part && { "content-range": `bytes ${from}-${to}/${bytes}` }),
  };
  if (bytes === 0) return new Response(null, { headers });
  const stream = Readable.toWeb(createReadStream(path, { start: from, end: to }));
  return new Response(stream as ReadableStream<Uint8Array>, { status: part ? 206 : 200, headers });
};
