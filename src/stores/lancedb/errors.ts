import { messageOf, UnsiloedError } from "../../errors.js";

/** The call that failed, for the message. */
export interface FailedCall {
  directory: string;
  collection: string;
  /** `writing points`, `searching`. */
  action: string;
}

const MAX_TEXT = 300;

/** Returns the first sentence of an error of LanceDB, without the locations in its source. */
const shortMessage = (thrown: unknown): string => {
  const [first = ""] = messageOf(thrown).split(/\n|\s+Caused by:|, \/[^ ]*\.rs:\d+|\s+at \/[^ ]*\.rs:\d+/);
  return first.replace(/\s+/g, " ").trim().slice(0, MAX_TEXT);
};

/** Errors of the file system, by number or name. */
const FILE_SYSTEM: [RegExp, string][] = [
  [/os error (13|1|30)\b|permission denied|read-only file system|EACCES|EPERM|EROFS/i, "it is not writable"],
  [/os error (28|122)\b|no space left|quota exceeded|ENOSPC|EDQUOT/i, "the disk is full"],
  [/os error (20|17)\b|not a directory|ENOTDIR|EEXIST/i, "there is a file in place of a directory"],
  [/unable to create\w* lance dataset/i, "the directory cannot be created"],
  [/os error (24|23)\b|too many open files|EMFILE|ENFILE/i, "too many files are open"],
];

/** Two writers conflict, or create the same index. LanceDB itself has retried by then, but briefly. */
const CONFLICT =
  /index name .* already exists|conflict|preempted|concurrent|incompatible transaction|please retry|too many.*retries/i;

export const tableNotFound = ({ directory, collection }: FailedCall, cause?: unknown): UnsiloedError =>
  new UnsiloedError(
    "COLLECTION_NOT_FOUND",
    `there is no collection "${collection}" in ${directory}: ingest something into it first, or check the name`,
    { cause },
  );

/** Converts what LanceDB and the file system throw into an error of this package. */
export const toStoreError = (thrown: unknown, call: FailedCall): UnsiloedError => {
  if (thrown instanceof UnsiloedError) return thrown;
  const { directory, collection, action } = call;
  const text = messageOf(thrown);
  const reason = FILE_SYSTEM.find(([pattern]) => pattern.test(text))?.[1];
  if (reason !== undefined) {
    return new UnsiloedError(
      "STORE_UNREACHABLE",
      `${directory}: ${action} failed because ${reason} (${shortMessage(thrown)})`,
      { cause: thrown },
    );
  }
  if (/^Table '.*' was not found/.test(text)) return tableNotFound(call, thrown);
  if (CONFLICT.test(text)) {
    return new UnsiloedError(
      "STORE_REFUSED",
      `collection "${collection}" in ${directory}: ${action} conflicted with other writers too often: ${shortMessage(thrown)}`,
      { cause: thrown, retryable: true },
    );
  }
  return new UnsiloedError(
    "STORE_REFUSED",
    `collection "${collection}" in ${directory}: ${action} failed: ${shortMessage(thrown)}; if the files are damaged, remove the collection and ingest again`,
    { cause: thrown },
  );
};
