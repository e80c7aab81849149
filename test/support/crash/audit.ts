import { stableJson } from "../../../src/internal/hashing.js";
import type { Report } from "./command.js";
import { type CrashDocument, isLeftOut, segmentsOf } from "./documents.js";
import type { FoundPoint } from "./stored-points.js";

/** Metadata that changes with every parse of the same file. */
const RENEWED = ["job_id", "chunk_id", "segment_id", "caption_id", "caption_of", "image"];
/** Metadata that contains the store's address, which differs in each round. */
const OF_THE_PLACE = ["options_hash"];
const PASSING = new Set([...RENEWED, ...OF_THE_PLACE]);

/** A store rounds vectors to the precision of its floats. */
const TOLERANCE = 1e-4;

const lasting = ({ content, metadata }: FoundPoint): string =>
  stableJson([content, Object.fromEntries(Object.entries(metadata).filter(([key]) => !PASSING.has(key)))]);

const isSame = (a: FoundPoint, b: FoundPoint): boolean =>
  lasting(a) === lasting(b) &&
  a.vector.length === b.vector.length &&
  a.vector.every((value, index) => Math.abs(value - (b.vector[index] ?? Number.NaN)) <= TOLERANCE);

export interface PointDifference {
  /** Points of the reference run that are missing or different. */
  lost: string[];
  /** Points that are not in the reference run, or occur more than once. */
  duplicated: string[];
}

/** Compares the stored points with those of a reference run, which was not killed. */
export const comparePoints = (
  expected: readonly FoundPoint[],
  found: readonly FoundPoint[],
): PointDifference => {
  const wanted = new Map(expected.map((point) => [point.id, point]));
  const met = new Set<string>();
  const difference: PointDifference = { lost: [], duplicated: [] };
  for (const point of found) {
    const match = wanted.get(point.id);
    if (!match || met.has(point.id)) difference.duplicated.push(point.id);
    else if (!isSame(match, point)) difference.lost.push(point.id);
    met.add(point.id);
  }
  for (const id of wanted.keys()) if (!met.has(id)) difference.lost.push(id);
  return difference;
};

/** Finds segments with text that are in no stored point, as `document #index`. */
export const findLostSegments = (
  documents: readonly CrashDocument[],
  found: readonly FoundPoint[],
): string[] => {
  const stored = new Set(
    found.flatMap(({ metadata }) =>
      [metadata.segment_index, ...(metadata.segment_indices ?? [])].map(
        (index) => `${metadata.doc_id} #${index}`,
      ),
    ),
  );
  return documents.flatMap((document) =>
    segmentsOf(document).flatMap((segment, index) => {
      const name = `docs/${document.fileName} #${index}`;
      return isLeftOut(segment) || stored.has(name) ? [] : [name];
    }),
  );
};

type SegmentCounts = Report["segments"];

const bucketsOf = ({ stored, filtered }: SegmentCounts): [string, number][] =>
  Object.entries({ stored, ...filtered });

/** Returns segments that only the report of the reference run counts, by their expected outcome. */
export const findUnaccounted = (expected: SegmentCounts, reported: SegmentCounts): string[] => {
  const found = new Map(bucketsOf(reported));
  return bucketsOf(expected).flatMap(([bucket, count]) =>
    Array<string>(Math.max(0, count - (found.get(bucket) ?? 0))).fill(`reported as ${bucket}`),
  );
};

/** A job the parse service accepted, and so was paid for. */
export interface PaidJob {
  fileName: string;
  /** How often it was polled: at least once means that its id was known. */
  polls: number;
}

export interface Payments {
  /** Jobs accepted up to the end of the plain run. */
  before: readonly PaidJob[];
  /** Jobs accepted while the last run was allowed to submit unknown outcomes again. */
  after: readonly PaidJob[];
  /** File names the plain run reported as `SUBMISSION_UNKNOWN`. */
  reportedUnknown: readonly string[];
}

export interface PaymentFindings {
  /** File names, once for each submission too many. */
  paidTwice: string[];
  unknown: number;
  /** How many of these the service had accepted. */
  unknownAccepted: number;
}

const countsOf = (jobs: readonly PaidJob[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { fileName } of jobs) counts.set(fileName, (counts.get(fileName) ?? 0) + 1);
  return counts;
};

/**
 * Counts submissions beyond one for each document. A second one is right only when it was allowed, for a document
 * that was reported as unknown and whose job id the command never received.
 */
export const auditPayments = ({ before, after, reportedUnknown }: Payments): PaymentFindings => {
  const first = countsOf(before);
  const again = countsOf(after);
  const known = new Set(before.filter(({ polls }) => polls > 0).map(({ fileName }) => fileName));
  const licensed = new Set(reportedUnknown.filter((name) => !known.has(name)));
  const paidTwice = [...new Set([...first.keys(), ...again.keys()])].flatMap((name) => {
    const earlier = first.get(name) ?? 0;
    const allowed = earlier === 0 || licensed.has(name) ? 1 : 0;
    const tooMany = Math.max(0, earlier - 1) + Math.max(0, (again.get(name) ?? 0) - allowed);
    return Array<string>(tooMany).fill(name);
  });
  return {
    paidTwice,
    unknown: reportedUnknown.length,
    unknownAccepted: reportedUnknown.filter((name) => first.has(name)).length,
  };
};
