import type { SearchFilter } from "../filter.js";

const MAX_PAGE = 2 ** 31 - 1;

/** No split stretches over more pages than this without touching one of them. */
const MAX_GAP = 1000;

/** A text as an SQL literal. Backslash and `%` mean nothing in one; only the quote has to be doubled. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const oneOf = (column: string, values: readonly string[]): string =>
  values.length === 0 ? "FALSE" : `${column} IN (${values.map(sqlText).join(", ")})`;

/**
 * Splits that touch a page of the range. One that begins before and ends after it does so only if its list of pages
 * says so: text on pages 2 and 6 is not on page 4.
 */
const onPages = ({ from, to }: { from: number; to: number }): string => {
  const [first, last] = [Math.min(from, MAX_PAGE), Math.min(to, MAX_PAGE)];
  const ends = ["page_first", "page_last"].map((column) => `${column} BETWEEN ${first} AND ${last}`);
  if (last - first >= MAX_GAP) return `(${ends.join(" OR ")})`;
  const pages = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const within = `page_first < ${first} AND page_last > ${last} AND array_has_any(pages, [${pages.join(", ")}])`;
  return `(${[...ends, `(${within})`].join(" OR ")})`;
};

/** A filter as an SQL condition; `undefined` when it names none. */
export const toSql = (filter: SearchFilter | undefined): string | undefined => {
  const { docIds, segmentTypes, pages, minConfidence, version } = filter ?? {};
  const conditions: string[] = [];
  if (docIds) conditions.push(oneOf("doc_id", docIds));
  if (segmentTypes) conditions.push(oneOf("segment_type", segmentTypes));
  if (version !== undefined) conditions.push(`version = ${sqlText(version)}`);
  if (minConfidence !== undefined) conditions.push(`confidence >= CAST(${minConfidence} AS DOUBLE)`);
  if (pages) conditions.push(onPages(pages));
  return conditions.length === 0 ? undefined : conditions.join(" AND ");
};

export const idsToSql = (ids: readonly string[]): string => oneOf("id", ids);
