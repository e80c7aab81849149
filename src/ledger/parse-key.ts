import { sha256 } from "../internal/hashing.js";
import type { LedgerRecord } from "./record.js";

/** Names a content and the options it is parsed with. Documents of one parse can share its result. */
export interface ParseKey {
  /** Hash of the content. */
  contentHash: string;
  /** Hash of the parse options. */
  parseHash: string;
}

/** Returns the parse that a record is of; `undefined` where nothing is submitted, or only the service knows the content. */
export const parseOf = ({
  content_hash: contentHash,
  parse_hash: parseHash,
}: Pick<LedgerRecord, "content_hash" | "parse_hash">): ParseKey | undefined =>
  contentHash === null || parseHash === null ? undefined : { contentHash, parseHash };

/** Returns a short name of a parse, always of the same length, for indexes and claims. */
export const nameOfParse = ({ contentHash, parseHash }: ParseKey): string => sha256([contentHash, parseHash]);

/** Returns the id by which a run claims a parse, so that no other run submits the same content at the same time. */
export const parseClaimId = (parse: ParseKey): string => `parse:${nameOfParse(parse)}`;
