import type { SearchFilter } from "../filter.js";

const MAX_INTEGER = 2 ** 31 - 1;

/** No split covers a longer range of pages or segments without being on one of them. */
const MAX_GAP = 1000;

/** Columns with the numbers that a split covers: the least, the greatest, and all of them. */
interface NumberColumns {
  first: string;
  last: string;
  all: string;
}

const PAGES: NumberColumns = { first: "page_first", last: "page_last", all: "pages" };
const SEGMENTS: NumberColumns = { first: "segment_first", last: "segment_last", all: "segments" };

/** Formats a text as an SQL literal. Only the quote must be escaped; backslash and `%` have no meaning. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const oneOf = (column: string, values: readonly string[]): string =>
  values.length === 0 ? "FALSE" : `${column} IN (${values.map(sqlText).join(", ")})`;

/**
 * Matches splits with a number in the range. For one that begins before and ends after the range the list decides: text
 * on pages 2 and 6 is not on page 4.
 */
const inRange = ({ first, last, all }: NumberColumns, range: { from: number; to: number }): string => {
  const [from, to] = [Math.min(range.from, MAX_INTEGER), Math.min(range.to, MAX_INTEGER)];
  const ends = [first, last].map((column) => `${column} BETWEEN ${from} AND ${to}`);
  if (to - from >= MAX_GAP) return `(${ends.join(" OR ")})`;
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const within = `${first} < ${from} AND ${last} > ${to} AND array_has_any(${all}, [${numbers.join(", ")}])`;
  return `(${[...ends, `(${within})`].join(" OR ")})`;
};

/** Matches splits whose list contains one of the values. */
const containsOneOf = (column: string, values: readonly string[]): string =>
  values.length === 0 ? "FALSE" : `array_has_any(${column}, [${values.map(sqlText).join(", ")}])`;

/** Converts a filter into an SQL condition; `undefined` when it has none. */
export const toSql = (filter: SearchFilter | undefined): string | undefined => {
  const { docIds, segmentTypes, pages, sections, segments, segmentIds, minConfidence, version, all } =
    filter ?? {};
  const conditions: string[] = [];
  if (docIds) conditions.push(oneOf("doc_id", docIds));
  if (segmentTypes) conditions.push(oneOf("segment_type", segmentTypes));
  if (version !== undefined) conditions.push(`version = ${sqlText(version)}`);
  if (minConfidence !== undefined) conditions.push(`confidence >= CAST(${minConfidence} AS DOUBLE)`);
  if (pages) conditions.push(inRange(PAGES, pages));
  if (sections) conditions.push(containsOneOf("section_path", sections));
  if (segmentIds) conditions.push(oneOf("segment_id", segmentIds));
  if (segments) conditions.push(inRange(SEGMENTS, segments));
  for (const further of all ?? []) conditions.push(toSql(further) ?? "TRUE");
  return conditions.length === 0 ? undefined : conditions.join(" AND ");
};

export const idsToSql = (ids: readonly string[]): string => oneOf("id", ids);
