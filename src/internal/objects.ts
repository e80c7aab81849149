/** Tells whether a value is an object with keys: neither `null` nor an array. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads a property of a value of unknown type; `undefined` when the value is not an object. */
export const propertyOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;

/** Copies an object without the keys whose value is `undefined`. */
export const omitUndefined = <T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } => {
  const given: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in object) {
    const value = object[key];
    if (value !== undefined) Object.assign(given, { [key]: value });
  }
  return given;
};
