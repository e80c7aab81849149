import { forEachConcurrently } from "../internal/async/concurrency.js";
import type { SearchHit, SinkCallOptions, VectorSink } from "../stores/sink.js";
import type { ExpandSettings } from "./expand-options.js";
import { type Growing, type GrownHit, toGrownHit } from "./grown-hit.js";
import type { Growth } from "./growths.js";
import { isTable, type Piece, PieceReader, type Sides, sameTable } from "./pieces.js";

/** Tokens of the blank line between two splits, at most. */
const JOINT = 2;

/** Hits whose surroundings are read at once. */
const CONCURRENCY = 4;

const samePath = (a: Piece, b: Piece): boolean =>
  a.metadata.section_path.length === b.metadata.section_path.length &&
  a.metadata.section_path.every((heading, level) => heading === b.metadata.section_path[level]);

/** What a hit grows to by one kind of growth. */
const sidesOf = async (
  growth: Growth,
  hit: Piece,
  reader: PieceReader,
  { neighbours }: ExpandSettings,
): Promise<Sides> => {
  switch (growth) {
    case "neighbours":
      return reader.around(hit, (_inner, _outer, distance) => distance <= neighbours);
    case "section":
      return hit.metadata.section_path.length === 0
        ? { before: [], after: [] }
        : reader.around(hit, (_inner, outer) => samePath(hit, outer));
    case "table":
      return isTable(hit) ? reader.around(hit, sameTable) : { before: [], after: [] };
    case "caption": {
      const { caption_id, caption_of } = hit.metadata;
      const ids = [caption_id, caption_of].filter((id) => id !== undefined);
      return { before: [], after: ids.length > 0 ? await reader.bySegmentId(hit, ids) : [] };
    }
  }
};

/** Takes from both sides in turn; a side ends at the first split there is no room for. */
const takeWhatFits = (
  { before, after }: Sides,
  chosen: Map<string, Piece>,
  room: number,
  countTokens: (text: string) => number,
): number => {
  let left = room;
  let sides = [after[Symbol.iterator](), before[Symbol.iterator]()];
  while (sides.length > 0) {
    sides = sides.filter((side) => {
      const { value: piece } = side.next();
      if (!piece) return false;
      if (chosen.has(piece.id)) return true;
      const tokens = countTokens(piece.content) + JOINT;
      if (tokens > left) return false;
      left -= tokens;
      chosen.set(piece.id, piece);
      return true;
    });
  }
  return left;
};

const growOne = async (hit: SearchHit, reader: PieceReader, settings: ExpandSettings): Promise<Piece[]> => {
  const { countTokens } = await import("../internal/text/tokens.js");
  const chosen = new Map<string, Piece>([[hit.id, hit]]);
  let left = settings.maxTokens - countTokens(hit.content);
  for (const growth of settings.to) {
    const sides = await sidesOf(growth, hit, reader, settings);
    left = takeWhatFits(sides, chosen, left, countTokens);
  }
  return [...chosen.values()];
};

/** Hits that share a split are one, at the place of the better. */
const merge = (grown: readonly Growing[]): Growing[] => {
  const merged: Growing[] = [];
  for (const one of grown) {
    const ids = new Set(one.pieces.map(({ id }) => id));
    const [first, ...others] = merged.filter(({ pieces }) => pieces.some(({ id }) => ids.has(id)));
    if (!first) {
      merged.push({ hits: [...one.hits], pieces: one.pieces });
      continue;
    }
    for (const other of [...others, one]) {
      first.hits.push(...other.hits);
      first.pieces = [
        ...new Map([...first.pieces, ...other.pieces].map((piece) => [piece.id, piece])).values(),
      ];
    }
    for (const other of others) merged.splice(merged.indexOf(other), 1);
  }
  return merged.map(({ hits: [best, ...rest], pieces }) => ({
    hits: [best, ...rest.sort((a, b) => b.score - a.score)],
    pieces,
  }));
};

/**
 * Grows hits by the splits around them, best first as they came. Hits that grow into one another become one, so there
 * may be fewer afterwards, and no text comes twice.
 *
 * @throws UnsiloedError `UNSUPPORTED_SEARCH` from a store that cannot read points
 */
export const growHits = async (
  sink: VectorSink,
  hits: readonly SearchHit[],
  settings: ExpandSettings,
  options: SinkCallOptions = {},
): Promise<GrownHit[]> => {
  const reader = new PieceReader(sink, options);
  const grown = hits.map((hit): Growing => ({ hits: [hit], pieces: [hit] }));
  await forEachConcurrently(
    grown,
    CONCURRENCY,
    async (one) => {
      one.pieces = await growOne(one.hits[0], reader, settings);
    },
    options.signal,
  );
  return merge(grown).map(toGrownHit);
};
