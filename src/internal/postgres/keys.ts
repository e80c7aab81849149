import { sha256 } from "../hashing.js";

/** Bytes of the longest id that is its own key: PostgreSQL indexes up to 2,704. */
const LONGEST_PLAIN_KEY = 1000;
const HASHED = /#[0-9a-f]{64}$/;

/**
 * Returns the key of a document or claim: its id. An id that is too long, holds the one character that PostgreSQL does
 * not store, or looks like such a key is told apart by its hash.
 */
export const keyOf = (id: string): string => {
  const bytes = Buffer.from(id);
  if (bytes.length <= LONGEST_PLAIN_KEY && !id.includes("\0") && !HASHED.test(id)) return id;
  const start = bytes.toString("utf8", 0, LONGEST_PLAIN_KEY).replaceAll("\0", "\ufffd");
  return `${start}#${sha256([id])}`;
};
