import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import type { SplitDocument } from "../../src/documents/metadata.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import type { TrueLinks } from "./links.js";

/** How many of a kind there are in truth, how many were found, and how many of those are right. */
export interface Tally {
  name: string;
  expected: number;
  found: number;
  right: number;
  /** What was missed or is wrong, one line each. */
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

/** Links that captions have to their targets. */
const forward = (splits: readonly SplitDocument[], indexOf: ReadonlyMap<string, number>): Set<string> =>
  new Set(
    splits.flatMap(({ metadata: { caption_of, segment_index } }) =>
      caption_of === undefined ? [] : [link(segment_index, indexOf.get(caption_of))],
    ),
  );

/** Links that targets have to their captions, where every part of the target has it; parts of joined tables have several. */
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
 * Splits a result as the pipeline does, into parts so small that tables have several, and compares what the splits
 * say with what is true.
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
  // A split of several segments names all of them: a reference is right when one of them is its place.
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
