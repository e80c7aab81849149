import path from "node:path";
import { UnsiloedError } from "../../errors.js";

/** Extensions of the files that the service parses. */
export const SUPPORTED_EXTENSIONS = [
  "pdf",
  "png",
  "jpg",
  "jpeg",
  "tiff",
  "tif",
  "docx",
  "doc",
  "pptx",
  "ppt",
  "xlsx",
  "xls",
] as const;

/** 5 GB, the most that the presigned upload takes. */
export const MAX_FILE_BYTES = 5 * 1024 ** 3;

const SUPPORTED: ReadonlySet<string> = new Set(SUPPORTED_EXTENSIONS);

/** What is wrong with a file of this name and size, known before anything is paid for. */
export const fileProblem = (name: string, bytes: number): UnsiloedError | undefined => {
  const extension = path.extname(name).slice(1).toLowerCase();
  if (!SUPPORTED.has(extension))
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
      {
        source: name,
      },
    );
  return undefined;
};
