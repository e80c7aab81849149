import { createHash } from "node:crypto";

/** JSON with sorted keys, so that equal values have equal texts. `undefined` properties are left out. */
export const stableJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );

/** SHA-256 of texts, as hexadecimal. Lengths are hashed too, so `["ab", "c"]` and `["a", "bc"]` differ. */
export const sha256 = (texts: Iterable<string>): string => {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest("hex");
};
