/** Reads a property of a value of unknown type; `undefined` when the value is no object. */
export const propertyOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
