import type { ParsedResult } from "../documents/result.js";

/** Names the parse that a result is of. A kept result is returned only for the same content and parse options. */
export interface ResultKey {
  /** The document. */
  docId: string;
  /** Hash of its content; `null` where only the service can know it. */
  contentHash: string | null;
  /** Hash of the parse options; `null` where nothing is submitted. */
  parseHash: string | null;
}

export interface WordOptions {
  /** When keeping: segments have their word boxes. When reading: only a result with word boxes. @default false */
  words?: boolean | undefined;
}

export interface ReadKeptOptions extends WordOptions {
  /** Give the words as lists of numbers, in `packed_ocr`, if they are kept so. @default false */
  packWords?: boolean | undefined;
}

export interface ConnectOptions {
  signal?: AbortSignal | undefined;
  /** Only make sure that results can be read. @default false */
  readOnly?: boolean | undefined;
}

/** Keeps parse results, so that other splits, models or stores need no second parse. */
export interface ResultArchive {
  /** Makes sure that results can be kept and read, before a parse is paid for whose result would be lost. */
  connect?(options?: ConnectOptions): Promise<void>;
  /** Returns the same result and keeps it while it is read. A failure to keep it does not disturb the reader. */
  keep(key: ResultKey, result: ParsedResult, options?: WordOptions): ParsedResult;
  /**
   * Reads a kept result. Rejects where nothing tells whether there is one: the document is not submitted then.
   *
   * @returns `undefined` when there is no sound result of exactly this parse
   */
  read(key: ResultKey, options?: ReadKeptOptions): Promise<ParsedResult | undefined>;
  /** Lists what is kept, and of which job. Damaged results are left out. */
  list(): AsyncIterable<ResultKey & { jobId: string | null }>;
  /** Deletes the kept result of a document. @returns whether there was one */
  delete(docId: string): Promise<boolean>;
}
