import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { UnsiloedError } from "../../errors.js";
import { propertyOf } from "../../internal/objects.js";
import type { FileContent } from "../http/transport.js";
import { fileProblem, sentName } from "./file-types.js";

/** A document in memory; its name says by its extension what it is. */
export interface NamedData {
  data: Uint8Array | Blob;
  name: string;
}

/** A document to submit: a path, a `File`, or bytes with a name. */
export type FileInput = string | File | NamedData;

/** A document about to be sent. */
export interface OpenedFile extends FileContent {
  name: string;
  /** The content in memory: what is small is read whole, so that it cannot change while it is sent. */
  read(): Promise<Blob>;
}

export const isNamedData = (input: unknown): input is NamedData =>
  typeof input === "object" &&
  input !== null &&
  "name" in input &&
  typeof input.name === "string" &&
  input.name !== "" &&
  "data" in input &&
  (input.data instanceof Uint8Array || input.data instanceof Blob);

export const notReadable = (file: string, cause: unknown): UnsiloedError => {
  const code = String(propertyOf(cause, "code") ?? "unreadable");
  const reason = code === "ENOENT" ? "no such file or directory" : `cannot be read (${code})`;
  return new UnsiloedError("FILE_NOT_FOUND", `${file}: ${reason}`, { cause, source: file });
};

/** The bytes of a file; the last of them only if it is still the file that was looked at. */
async function* unchanged(file: string, before: Stats): AsyncGenerator<Uint8Array> {
  let last: Uint8Array | undefined;
  for await (const piece of createReadStream(file, { end: before.size - 1, highWaterMark: 256 * 1024 })) {
    if (last) yield last;
    last = piece;
  }
  const after = await stat(file);
  if (after.size !== before.size || after.mtimeMs !== before.mtimeMs)
    throw new UnsiloedError("UPLOAD_FAILED", "the file changed while it was read", { source: file });
  if (last) yield last;
}

const openPath = async (file: string): Promise<OpenedFile> => {
  const found = await stat(file).catch((cause: unknown) => {
    throw notReadable(file, cause);
  });
  if (!found.isFile()) throw new UnsiloedError("FILE_NOT_FOUND", `${file}: not a file`, { source: file });
  const rejectUnreadable = (cause: unknown): never => {
    throw notReadable(file, cause);
  };
  return {
    name: path.basename(file),
    bytes: found.size,
    read: async () => new Blob([await readFile(file).catch(rejectUnreadable)]),
    stream: () => unchanged(file, found),
  };
};

/**
 * Looks at a document and refuses what the service would refuse, before anything is paid for.
 *
 * @throws UnsiloedError `FILE_NOT_FOUND`, `UNSUPPORTED_FILE`, `FILE_TOO_LARGE`, `INVALID_OPTION`
 */
export const openFile = async (input: FileInput): Promise<OpenedFile> => {
  let opened: OpenedFile;
  if (typeof input === "string") opened = await openPath(input);
  else {
    const named = input instanceof Blob ? { data: input, name: input.name } : input;
    if (!isNamedData(named))
      throw new UnsiloedError(
        "INVALID_OPTION",
        "file: expected a path, a File, or { data, name } with a Blob or Uint8Array and a file name",
      );
    const { data } = named;
    const blob = data instanceof Blob ? data : new Blob([data]);
    opened = {
      name: path.basename(named.name),
      bytes: blob.size,
      read: async () => blob,
      stream: () => blob.stream(),
    };
  }
  const problem = fileProblem(opened.name, opened.bytes);
  if (problem) throw problem;
  return { ...opened, name: sentName(opened.name) };
};

const bytesOf = (input: FileInput): AsyncIterable<Uint8Array> => {
  if (typeof input === "string") return createReadStream(input, { highWaterMark: 256 * 1024 });
  const data = input instanceof Blob ? input : input.data;
  return (data instanceof Blob ? data : new Blob([data])).stream();
};

/**
 * SHA-256 of a document's bytes, hexadecimal.
 *
 * @throws UnsiloedError `FILE_NOT_FOUND`
 */
export const hashFile = async (input: FileInput): Promise<string> => {
  const hash = createHash("sha256");
  try {
    for await (const bytes of bytesOf(input)) hash.update(bytes);
  } catch (cause) {
    throw typeof input === "string" ? notReadable(input, cause) : cause;
  }
  return hash.digest("hex");
};
