import { createHash } from "node:crypto";

type Fields = Record<string, unknown>;

const hasToJson = (value: object): value is { toJSON: (key: string) => unknown } =>
  "toJSON" in value && typeof value.toJSON === "function";

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;

/** Objects have few keys, which this puts in order without the copies that `sort` makes of them. */
const FEW_KEYS = 50;

/** The names of an object in the order of `sort`. */
const sortedKeys = (value: object): string[] => {
  const keys = Object.keys(value);
  if (keys.length > FEW_KEYS) return keys.sort();
  for (let index = 1; index < keys.length; index++) {
    const key = keys[index] ?? "";
    let at = index;
    for (; at > 0 && (keys[at - 1] ?? "") > key; at--) keys[at] = keys[at - 1] ?? "";
    keys[at] = key;
  }
  return keys;
};

/** A copy of what `JSON.stringify` would write of a value, the keys of its objects in order. */
const sorted = (given: unknown, key: string): unknown => {
  const value = isObject(given) && hasToJson(given) ? given.toJSON(key) : given;
  if (!isObject(value)) return value;
  if (Array.isArray(value)) return value.map((inner, index) => sorted(inner, String(index)));
  const copy: Fields = {};
  for (const name of sortedKeys(value)) {
    const inner = sorted(value[name], name);
    // By assigning, it would become the prototype.
    if (name === "__proto__") Object.defineProperty(copy, name, { value: inner, enumerable: true });
    else copy[name] = inner;
  }
  return copy;
};

/** JSON with sorted keys, so that equal values have equal texts. `undefined` properties are left out. */
export const stableJson = (value: unknown): string => JSON.stringify(sorted(value, ""));

/** Texts are hashed so many characters at a time: a call for each would cost more than its hash. */
const BLOCK = 65_536;

/** SHA-256 of texts, as hexadecimal. Lengths are hashed too, so `["ab", "c"]` and `["a", "bc"]` differ. */
export const sha256 = (texts: Iterable<string>): string => {
  const hash = createHash("sha256");
  let block = "";
  for (const text of texts) {
    block += `${text.length}:${text}`;
    if (block.length < BLOCK) continue;
    hash.update(block);
    block = "";
  }
  return hash.update(block).digest("hex");
};
