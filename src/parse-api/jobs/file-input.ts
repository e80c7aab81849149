import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { UnsiloedError } from "../../errors.js";
import { propertyOf } from "../../internal/objects.js";
import type { FileContent } from "../http/transport.js";
import { withBytes } from "../pages/byte-source.js";
import { fileProblem, sentName } from "./file-types.js";

/** A document in memory; its name says by its extension what it is. */
export interface NamedData {
  data: Uint8Array | Blob;
  name: string;
}

/** A document whose content is read when it is sent, such as an object of an object store. */
export interface StreamedFile extends FileContent {
  name: string;
}

/** A document on disk or in memory: a path, a `File`, or bytes with a name. */
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

const isStreamed = (input: FileInput | StreamedFile): input is StreamedFile =>
  typeof input === "object" && !(input instanceof Blob) && "stream" in input;

const openStreamed = ({ name, bytes, stream }: StreamedFile): OpenedFile => ({
  name: path.basename(name),
  bytes,
  read: async () => {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for await (const part of stream()) parts.push(new Uint8Array(part));
    return new Blob(parts);
  },
  stream,
});

/** How many bytes may stand before the header of a PDF file, as Acrobat reads it. */
const HEADER_BYTES = 1024;

/**
 * Refuses what is called a PDF file and is none, such as a page of HTML that a server sent in its place. Files with other
 * endings are left to the service, since programs that read them also go by their content.
 *
 * @throws UnsiloedError `UNSUPPORTED_FILE`
 */
const assertContent = (name: string, start: Uint8Array): void => {
  const header = Buffer.from(start.buffer, start.byteOffset, Math.min(start.byteLength, HEADER_BYTES));
  if (!/\.pdf$/i.test(name) || header.includes("%PDF")) return;
  throw new UnsiloedError(
    "UNSUPPORTED_FILE",
    `${name}: not a PDF file, as there is no %PDF in its first ${HEADER_BYTES} bytes`,
    { source: name },
  );
};

const checkContent = async (name: string, input: FileInput): Promise<void> =>
  withBytes(typeof input === "string" ? input : asBlob(input), async (bytes) =>
    assertContent(name, await bytes.read(0, HEADER_BYTES)),
  );

/**
 * Looks at a document and refuses what the service would refuse, before anything is paid for.
 *
 * @throws UnsiloedError `FILE_NOT_FOUND`, `UNSUPPORTED_FILE`, `FILE_TOO_LARGE`, `INVALID_OPTION`
 */
export const openFile = async (input: FileInput | StreamedFile): Promise<OpenedFile> => {
  let opened: OpenedFile;
  if (typeof input === "string") opened = await openPath(input);
  else if (isStreamed(input)) opened = openStreamed(input);
  else {
    const named = input instanceof Blob ? { data: input, name: input.name } : input;
    if (!isNamedData(named))
      throw new UnsiloedError(
        "INVALID_OPTION",
        "file: expected a path, a File, { data, name } with a Blob or Uint8Array and a file name, or { name, bytes, stream }",
      );
    const blob = asBlob(named);
    opened = {
      name: path.basename(named.name),
      bytes: blob.size,
      read: async () => blob,
      stream: () => blob.stream(),
    };
  }
  const problem = fileProblem(opened.name, opened.bytes);
  if (problem) throw problem;
  if (!isStreamed(input)) await checkContent(opened.name, input);
  return { ...opened, name: sentName(opened.name) };
};

/** Returns what is in memory as a Blob. */
export const asBlob = (input: File | NamedData): Blob => {
  const data = input instanceof Blob ? input : input.data;
  return data instanceof Blob ? data : new Blob([data]);
};

const bytesOf = (input: FileInput): AsyncIterable<Uint8Array> =>
  typeof input === "string" ? createReadStream(input, { highWaterMark: 256 * 1024 }) : asBlob(input).stream();

const hash = async (input: FileInput, onStart?: (bytes: Uint8Array) => void): Promise<string> => {
  const sum = createHash("sha256");
  let isStart = true;
  try {
    for await (const bytes of bytesOf(input)) {
      if (isStart) onStart?.(bytes);
      isStart = false;
      sum.update(bytes);
    }
  } catch (cause) {
    throw typeof input !== "string" || cause instanceof UnsiloedError ? cause : notReadable(input, cause);
  }
  return sum.digest("hex");
};

/**
 * SHA-256 of a file's bytes, hexadecimal.
 *
 * @throws UnsiloedError `FILE_NOT_FOUND`
 */
export const hashFile = (input: FileInput): Promise<string> => hash(input);

/**
 * SHA-256 of the bytes of a document that is to be submitted, hexadecimal.
 *
 * @throws UnsiloedError `FILE_NOT_FOUND`; `UNSUPPORTED_FILE` where its content is not what its name says
 */
export const hashDocument = (input: FileInput): Promise<string> => {
  const name = typeof input === "string" ? path.basename(input) : input.name;
  return hash(input, (bytes) => assertContent(name, bytes));
};
