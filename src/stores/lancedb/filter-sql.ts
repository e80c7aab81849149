import type { SearchFilter } from "../filter.js";

const MAX_INTEGER = 2 ** 31 - 1;

/** No split stretches over more pages or segments than this without touching one of them. */
const MAX_GAP = 1000;

/** Columns that tell which numbers a split covers: the least, the greatest, and all of them. */
interface Covered {
  first: string;
  last: string;
  all: string;
}

const PAGES: Covered = { first: "page_first", last: "page_last", all: "pages" };
const SEGMENTS: Covered = { first: "segment_first", last: "segment_last", all: "segments" };

/** A text as an SQL literal. Backslash and `%` mean nothing in one; only the quote has to be doubled. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const oneOf = (column: string, values: readonly string[]): string =>
  values.length === 0 ? "FALSE" : `${column} IN (${values.map(sqlText).join(", ")})`;

/**
 * Splits that touch a number of the range. One that begins before and ends after it does so only if its list says so:
 * text on pages 2 and 6 is not on page 4.
 */
const inRange = ({ first, last, all }: Covered, range: { from: number; to: number }): string => {
  const [from, to] = [Math.min(range.from, MAX_INTEGER), Math.min(range.to, MAX_INTEGER)];
  const ends = [first, last].map((column) => `${column} BETWEEN ${from} AND ${to}`);
  if (to - from >= MAX_GAP) return `(${ends.join(" OR ")})`;
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const within = `${first} < ${from} AND ${last} > ${to} AND array_has_any(${all}, [${numbers.join(", ")}])`;
  return `(${[...ends, `(${within})`].join(" OR ")})`;
};

/** Splits whose list of texts holds one of these. */
const holdsOneOf = (column: string, values: readonly string[]): string =>
  values.length === 0 ? "FALSE" : `array_has_any(${column}, [${values.map(sqlText).join(", ")}])`;

/** A filter as an SQL condition; `undefined` when it names none. */
export const toSql = (filter: SearchFilter | undefined): string | undefined => {
  const { docIds, segmentTypes, pages, sections, segments, segmentIds, minConfidence, version } =
    filter ?? {};
  const conditions: string[] = [];
  if (docIds) conditions.push(oneOf("doc_id", docIds));
  if (segmentTypes) conditions.push(oneOf("segment_type", segmentTypes));
  if (version !== undefined) conditions.push(`version = ${sqlText(version)}`);
  if (minConfidence !== undefined) conditions.push(`confidence >= CAST(${minConfidence} AS DOUBLE)`);
  if (pages) conditions.push(inRange(PAGES, pages));
  if (sections) conditions.push(holdsOneOf("section_path", sections));
  if (segmentIds) conditions.push(oneOf("segment_id", segmentIds));
  if (segments) conditions.push(inRange(SEGMENTS, segments));
  return conditions.length === 0 ? undefined : conditions.join(" AND ");
};

export const idsToSql = (ids: readonly string[]): string => oneOf("id", ids);
