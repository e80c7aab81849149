import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Reads a request body whole. @returns `undefined` when it is larger than `maxBytes`; the rest is read and dropped */
export const readBody = async (request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> => {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    if (!Buffer.isBuffer(piece)) continue;
    size += piece.length;
    if (size <= maxBytes) pieces.push(piece);
    else pieces.length = 0;
  }
  return size <= maxBytes ? Buffer.concat(pieces) : undefined;
};

/** Reads a request body for its size and hash only, so that its size does not matter. */
export const hashBody = async (request: IncomingMessage): Promise<{ bytes: number; sha256: string }> => {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of request) {
    if (!Buffer.isBuffer(piece)) continue;
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest("hex") };
};

export interface ParsedForm {
  fields: [string, string][];
  file?: { name: string; bytes: number; sha256: string };
  /** How many parts named `file` or `url` there are. */
  sources: number;
}

/** Takes a multipart form apart. @returns `undefined` when the body is none */
export const parseForm = async (body: Buffer, contentType: string): Promise<ParsedForm | undefined> => {
  if (!contentType.toLowerCase().startsWith("multipart/form-data")) return undefined;
  const fields: [string, string][] = [];
  let file: ParsedForm["file"];
  let sources = 0;
  try {
    const form = await new Response(body, { headers: { "Content-Type": contentType } }).formData();
    for (const [name, value] of form) {
      if (name === "file" || name === "url") sources += 1;
      if (typeof value === "string") fields.push([name, value]);
      else if (name === "file") {
        const bytes = Buffer.from(await value.arrayBuffer());
        const sha256 = createHash("sha256").update(bytes).digest("hex");
        file = { name: value.name, bytes: bytes.length, sha256 };
      }
    }
  } catch {
    return undefined;
  }
  return file ? { fields, file, sources } : { fields, sources };
};
