import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import type { SplitDocument } from "../../src/documents/metadata.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import type { TrueLinks } from "./links.js";

/** Counts of one kind: true ones, found ones, and correct ones among those found. */
export interface Tally {
  name: string;
  expected: number;
  found: number;
  right: number;
  /** Missed or wrong ones, one line each. */
  faults: string[];
}

const compare = (name: string, expected: ReadonlySet<string>, found: ReadonlySet<string>): Tally => {
  const missed = [...expected].filter((each) => !found.has(each)).map((each) => `missed: ${name} ${each}`);
  const wrong = [...found].filter((each) => !expected.has(each)).map((each) => `wrong: ${name} ${each}`);
  return {
    name,
    expected: expected.size,
    found: found.size,
    right: found.size - wrong.length,
    faults: [...missed, ...wrong],
  };
};

const link = (from: number | undefined, to: number | undefined): string => `${from} → ${to}`;

/** Returns the links from captions to their targets. */
const forward = (splits: readonly SplitDocument[], indexOf: ReadonlyMap<string, number>): Set<string> =>
  new Set(
    splits.flatMap(({ metadata: { caption_of, segment_index } }) =>
      caption_of === undefined ? [] : [link(segment_index, indexOf.get(caption_of))],
    ),
  );

/** Returns the links from targets to their captions that every part of the target has; parts of joined tables have several. */
const backward = (splits: readonly SplitDocument[], indexOf: ReadonlyMap<string, number>): Set<string> => {
  const partly = splits.filter(({ metadata }) => metadata.caption_id === undefined);
  const without = new Set(partly.flatMap(({ metadata }) => metadata.segment_indices));
  return new Set(
    splits.flatMap(({ metadata: { caption_id, segment_indices } }) =>
      caption_id === undefined
        ? []
        : segment_indices
            .filter((index) => !without.has(index))
            .map((index) => link(index, indexOf.get(caption_id))),
    ),
  );
};

/**
 * Splits a result as the pipeline does, into parts so small that tables have several, and compares the links and
 * references of the splits with the true ones.
 */
export const measure = async (result: string, truth: TrueLinks): Promise<Tally[]> => {
  const segments = await new UnsiloedResultLoader(result).load();
  const splits = await new SegmentSplitter({ chunkSize: 120 }).transformDocuments(segments);
  const indexOf = new Map(
    segments.map(({ metadata }) => [metadata.segment_id ?? "", metadata.segment_index] as const),
  );
  const ofCaptions = truth.links.map(({ caption, target }) => link(caption, target));
  const ofTargets = truth.links.flatMap(({ caption, target, continued }) =>
    [target, ...continued].map((each) => link(each, caption)),
  );
  const tallies = [
    compare("caption_of", new Set(ofCaptions), forward(splits, indexOf)),
    compare("caption_id", new Set(ofTargets), backward(splits, indexOf)),
  ];
  if (!truth.references) return tallies;
  // A split of several segments has their references together: one is correct if any of the segments has it.
  const found = splits.flatMap(({ metadata: { refers_to = [], segment_indices } }) =>
    refers_to.map(({ label, segment_index }) => {
      const place = truth.references?.find(
        ({ from, to }) => to === segment_index && segment_indices.includes(from),
      );
      return `${place?.from ?? segment_indices[0]}: ${label} → ${segment_index}`;
    }),
  );
  const expected = truth.references.map(({ from, label, to }) => `${from}: ${label} → ${to}`);
  return [...tallies, compare("refers_to", new Set(expected), new Set(found))];
};
