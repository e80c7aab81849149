import path from "node:path";
import { UnsiloedError } from "../../errors.js";

/**
 * How a document is submitted: `POST /parse` or the upload take documents and pictures, `POST /parse/excel` or the
 * upload take workbooks, and only the upload takes the rest.
 */
export type FileKind = "document" | "workbook" | "uploadOnly";

const KINDS = {
  pdf: "document",
  png: "document",
  jpg: "document",
  jpeg: "document",
  tiff: "document",
  tif: "document",
  docx: "document",
  doc: "document",
  pptx: "document",
  ppt: "document",
  xlsx: "workbook",
  xls: "workbook",
  webp: "uploadOnly",
  html: "uploadOnly",
} as const satisfies Record<string, FileKind>;

/** Extensions of the files that the service parses. */
export const SUPPORTED_EXTENSIONS = Object.keys(KINDS);

/** 500 MB, the most that `POST /parse` takes. */
export const MAX_FORM_BYTES = 500 * 1024 ** 2;

/** 5 GB, the most that the presigned upload takes. */
export const MAX_FILE_BYTES = 5 * 1024 ** 3;

const kinds: ReadonlyMap<string, FileKind> = new Map(Object.entries(KINDS));

const extensionOf = (name: string): string => path.extname(name).slice(1).toLowerCase();

/** Returns the kind of a file by its name; `undefined` where the service does not parse such files. */
export const fileKind = (name: string): FileKind | undefined => kinds.get(extensionOf(name));

/** Returns the name to send a file under: the service lists `tiff`, and the shorter ending is of the same files. */
export const sentName = (name: string): string => name.replace(/\.tif$/i, ".tiff");

/** Lock files of Microsoft Office and LibreOffice, resource forks of macOS, and what file managers write. */
const SYSTEM_FILE = /^(?:~\$.*|\._.*|\.~lock\..*#|\.DS_Store|Icon\r|(?:eh)?Thumbs\.db|desktop\.ini)$/i;

/** Tells by its name whether a file is one that programs leave beside documents; its ending does not count. */
export const isSystemFile = (name: string): boolean => SYSTEM_FILE.test(path.basename(name));

/** What is wrong with a file of this name and size, known before anything is paid for. */
export const fileProblem = (name: string, bytes: number): UnsiloedError | undefined => {
  if (isSystemFile(name))
    return new UnsiloedError(
      "UNSUPPORTED_FILE",
      `${name}: a lock file or a file of the operating system, not a document`,
      { source: name },
    );
  const extension = extensionOf(name);
  if (!kinds.has(extension))
    return new UnsiloedError(
      "UNSUPPORTED_FILE",
      `${name}: ${extension ? `files of type .${extension}` : "files without an extension"} cannot be parsed; expected ${SUPPORTED_EXTENSIONS.join(", ")}`,
      { source: name },
    );
  if (bytes === 0)
    return new UnsiloedError("UNSUPPORTED_FILE", `${name}: the file is empty (0 bytes)`, { source: name });
  if (bytes > MAX_FILE_BYTES)
    return new UnsiloedError(
      "FILE_TOO_LARGE",
      `${name}: ${bytes} bytes, and the service takes at most 5 GB`,
      { source: name },
    );
  return undefined;
};
