import { closestMatch } from "leven";
import { UnsiloedError } from "../errors.js";
import type { SearchFilter } from "../stores/filter.js";
import type { ListedField, SinkCallOptions, VectorSink } from "../stores/sink.js";
import { shortSource } from "./short-source.js";

/** Conditions with names that a user may misspell, the field that has them, and the word for one. */
const NAMED = [
  { key: "docIds", field: "doc_id", noun: "document" },
  { key: "sections", field: "section_path", noun: "section" },
  { key: "segmentTypes", field: "segment_type", noun: "segment type" },
] as const;

/** Names that are looked up for one search; a filter may have thousands. */
const LOOKED_UP = 20;

/** Returns the names of a field that a store has, under a filter; none where it cannot list them. */
export const listNames = async (
  sink: VectorSink,
  field: ListedField,
  filter: SearchFilter | undefined,
  options: SinkCallOptions,
): Promise<string[]> => {
  try {
    return (await sink.listValues?.(field, { ...options, filter })) ?? [];
  } catch (thrown) {
    // Suggestions only: a server may refuse to list, by age or strict mode.
    if (thrown instanceof UnsiloedError && thrown.code === "STORE_REFUSED") return [];
    throw thrown;
  }
};

/** Returns the name that is nearest to a misspelt one, compared by the name of the file if it is one. */
export const nearestName = (name: string, known: readonly string[]): string | undefined => {
  const folded = new Map(
    known.flatMap((one) => [
      [fileOf(one), one],
      [one.toLowerCase(), one],
    ]),
  );
  const maxDistance = Math.max(2, Math.floor(name.length / 2));
  const nearest = closestMatch(name.toLowerCase(), [...folded.keys()], { maxDistance });
  return nearest === undefined ? undefined : folded.get(nearest);
};

const fileOf = (name: string): string =>
  (shortSource({ source: name, doc_id: name }).split("/").at(-1) ?? name).toLowerCase();

/**
 * Finds the documents, sections and types of a filter that no point of the store has.
 *
 * @returns an error for each, of code `INVALID_OPTION`, with the nearest name that the store has
 */
export const findUnknownNames = async (
  sink: VectorSink,
  filter: SearchFilter,
  options: SinkCallOptions,
): Promise<UnsiloedError[]> => {
  if (sink.canList === false) return [];
  const problems: UnsiloedError[] = [];
  for (const { key, field, noun } of NAMED) {
    for (const name of (filter[key] ?? []).slice(0, LOOKED_UP)) {
      if ((await sink.count({ [key]: [name] }, options)) > 0) continue;
      const nearest = nearestName(name, await listNames(sink, field, undefined, options));
      const advice = nearest === undefined ? "" : `; did you mean ${JSON.stringify(nearest)}?`;
      const problem = `filter.${key}: no ${noun} ${JSON.stringify(name)} in ${sink.description}${advice}`;
      problems.push(new UnsiloedError("INVALID_OPTION", problem));
    }
  }
  return problems;
};
