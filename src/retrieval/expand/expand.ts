import { forEachConcurrently } from "../../internal/async/concurrency.js";
import { sameItems } from "../../internal/lists.js";
import type { SearchHit, SinkCallOptions, VectorSink } from "../../stores/sink.js";
import type { Expansion } from "../search-choices.js";
import type { ExpandSettings } from "./expand-options.js";
import { type ExpandedHit, type Expanding, toExpandedHit } from "./expanded-hit.js";
import { isTable, type Sides, SplitReader, type StoredSplit, sameTable } from "./split-reader.js";

/** Tokens of the blank line between two splits, at most. */
const SEPARATOR_TOKENS = 2;

/** Hits whose surroundings are read at the same time. */
const CONCURRENCY = 4;

/** Reads the splits that one expansion may add to a hit. */
const readSides = async (
  expansion: Expansion,
  hit: StoredSplit,
  reader: SplitReader,
  { neighbours }: ExpandSettings,
): Promise<Sides> => {
  switch (expansion) {
    case "neighbours":
      return reader.around(hit, (_inner, _outer, distance) => distance <= neighbours);
    case "section":
      return hit.metadata.section_path.length === 0
        ? { before: [], after: [] }
        : reader.around(hit, (_inner, outer) =>
            sameItems(hit.metadata.section_path, outer.metadata.section_path),
          );
    case "table":
      return isTable(hit) ? reader.around(hit, sameTable) : { before: [], after: [] };
    case "caption": {
      const { caption_id, caption_of } = hit.metadata;
      const ids = [caption_id, caption_of].filter((id) => id !== undefined);
      return { before: [], after: ids.length > 0 ? await reader.bySegmentId(hit, ids) : [] };
    }
  }
};

/** Takes splits from both sides in turn. A side ends at the first split that does not fit. @returns tokens left */
const takeWhatFits = (
  { before, after }: Sides,
  chosen: Map<string, StoredSplit>,
  maxTokens: number,
  countTokens: (text: string) => number,
): number => {
  let left = maxTokens;
  let sides = [after[Symbol.iterator](), before[Symbol.iterator]()];
  while (sides.length > 0) {
    sides = sides.filter((side) => {
      const { value: split } = side.next();
      if (!split) return false;
      if (chosen.has(split.id)) return true;
      const tokens = countTokens(split.content) + SEPARATOR_TOKENS;
      if (tokens > left) return false;
      left -= tokens;
      chosen.set(split.id, split);
      return true;
    });
  }
  return left;
};

const expandHit = async (
  hit: SearchHit,
  reader: SplitReader,
  settings: ExpandSettings,
): Promise<StoredSplit[]> => {
  const { countTokens } = await import("../../internal/text/tokens.js");
  const chosen = new Map<string, StoredSplit>([[hit.id, hit]]);
  let left = settings.maxTokens - countTokens(hit.content);
  for (const expansion of settings.to) {
    const sides = await readSides(expansion, hit, reader, settings);
    left = takeWhatFits(sides, chosen, left, countTokens);
  }
  return [...chosen.values()];
};

/** Merges hits that share a split, at the rank of the better one. */
const mergeOverlapping = (expanded: readonly Expanding[]): Expanding[] => {
  const merged: Expanding[] = [];
  for (const one of expanded) {
    const ids = new Set(one.splits.map(({ id }) => id));
    const [first, ...others] = merged.filter(({ splits }) => splits.some(({ id }) => ids.has(id)));
    if (!first) {
      merged.push({ hits: [...one.hits], splits: one.splits });
      continue;
    }
    for (const other of [...others, one]) {
      first.hits.push(...other.hits);
      first.splits = [
        ...new Map([...first.splits, ...other.splits].map((split) => [split.id, split])).values(),
      ];
    }
    for (const other of others) merged.splice(merged.indexOf(other), 1);
  }
  return merged.map(({ hits: [best, ...rest], splits }) => ({
    hits: [best, ...rest.sort((a, b) => b.score - a.score)],
    splits,
  }));
};

/**
 * Expands hits by the splits around them and keeps their order. Of the best `k`, those that overlap after that become
 * one, so that no text occurs twice. Further hits take the places that become free, with the splits that are not shown
 * yet.
 *
 * @param hits best first; more than `k`, so that there are further ones
 * @throws UnsiloedError `UNSUPPORTED_SEARCH` from a store that cannot read points
 */
export const expandHits = async (
  sink: VectorSink,
  hits: readonly SearchHit[],
  k: number,
  settings: ExpandSettings,
  options: SinkCallOptions = {},
): Promise<ExpandedHit[]> => {
  const reader = new SplitReader(sink, options);
  const expandAll = async (some: readonly SearchHit[]): Promise<Expanding[]> => {
    const expanded = some.map((hit): Expanding => ({ hits: [hit], splits: [hit] }));
    const expand = async (one: Expanding) => {
      one.splits = await expandHit(one.hits[0], reader, settings);
    };
    await forEachConcurrently(expanded, CONCURRENCY, expand, options.signal);
    return expanded;
  };
  const shown = mergeOverlapping(await expandAll(hits.slice(0, k)));
  const ids = new Set(shown.flatMap(({ splits }) => splits.map(({ id }) => id)));
  for (let next = k; shown.length < k && next < hits.length; ) {
    const further = hits.slice(next, next + k - shown.length);
    next += further.length;
    for (const one of await expandAll(further.filter(({ id }) => !ids.has(id)))) {
      if (ids.has(one.hits[0].id)) continue;
      const splits = one.splits.filter(({ id }) => !ids.has(id));
      for (const { id } of splits) ids.add(id);
      shown.push({ hits: one.hits, splits });
    }
  }
  return shown.map(toExpandedHit);
};
