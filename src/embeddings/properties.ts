/** The first of these properties that is a text. */
export const textProperty = (object: object, names: readonly string[]): string | undefined =>
  names
    .map((name): unknown => Reflect.get(object, name))
    .find((value): value is string => typeof value === "string" && value !== "");

export const countProperty = (object: object, name: string): number | undefined => {
  const value: unknown = Reflect.get(object, name);
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
};
