import type { ParsedResult } from "../documents/result.js";

/** Which parse a result is of. A kept result is given out only for the same content and parse options. */
export interface ResultKey {
  docId: string;
  contentHash: string | null;
  parseHash: string | null;
}

export interface WordOptions {
  /** When keeping: the segments come with their word boxes. When reading: only a result with them will do. @default false */
  words?: boolean | undefined;
}

/** Where parse results are kept, so that other splits, models or stores need no second parse. */
export interface ResultArchive {
  /** The same result, kept while it is read. Failing to keep it does not disturb the reader. */
  keep(key: ResultKey, result: ParsedResult, options?: WordOptions): ParsedResult;
  /** @returns `undefined` when there is no sound result of exactly this parse */
  read(key: ResultKey, options?: WordOptions): Promise<ParsedResult | undefined>;
  /** What is kept, and of which job; damaged results are passed over. */
  list(): AsyncIterable<ResultKey & { jobId: string | null }>;
  /** @returns whether there was one */
  delete(docId: string): Promise<boolean>;
}
