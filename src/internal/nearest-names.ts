import { closestMatch } from "leven";

/** As much of an issue of zod as {@link nearestNames} reads. */
interface Issue {
  readonly code?: string | undefined;
  readonly keys?: readonly string[] | undefined;
}

/**
 * Makes the `error` option of a strict schema, which names unknown options together with those that were most probably
 * meant: `unknown option mergeTables; did you mean merge_tables?`
 */
export const nearestNames =
  (known: readonly string[]) =>
  ({ code, keys = [] }: Issue): string | undefined => {
    if (code !== "unrecognized_keys") return undefined;
    const unknown = `unknown ${keys.length > 1 ? "options" : "option"} ${keys.join(", ")}`;
    const meant = keys.flatMap((name) => closestMatch(name, known, { maxDistance: 4 }) ?? []);
    return meant.length > 0 ? `${unknown}; did you mean ${meant.join(", ")}?` : unknown;
  };
