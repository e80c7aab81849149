import type { Table } from "@lancedb/lancedb";
import { UnsiloedError } from "../../errors.js";
import { searchQuestion } from "../../internal/text/search-text.js";
import { withoutStopWords } from "../../internal/text/stop-words.js";
import { checkQuery } from "../checks.js";
import type { PointVector, SearchHit, SearchQuery } from "../sink.js";
import type { OpenTable } from "./connection.js";
import { toSql } from "./filter-sql.js";
import { ranksWords, readState } from "./maintenance.js";
import { CONTENT_COLUMNS, column, readContents } from "./rows.js";

/** @throws UnsiloedError what `checkQuery` of all stores throws; `UNSUPPORTED_SEARCH` */
export const checkTableQuery = (query: SearchQuery, { spec, fullText }: OpenTable): void => {
  if (query.mode === "text" && !fullText) {
    throw new UnsiloedError(
      "UNSUPPORTED_SEARCH",
      'the collection has no full-text index, so it cannot be searched in mode "text"; ingest into it again to create the index',
    );
  }
  checkQuery(query, spec.dimensions);
};

/** Runs a query that {@link checkTableQuery} has accepted. */
export const runSearch = (
  open: OpenTable,
  { mode, k, text = "", vector = [], filter }: SearchQuery,
): Promise<SearchHit[]> => {
  const condition = toSql(filter);
  return mode === "dense" ? byVector(open.table, vector, k, condition) : byWords(open, text, k, condition);
};

interface Rows {
  toArrow(): ReturnType<Table["toArrow"]>;
}

const byVector = (
  table: Table,
  vector: PointVector,
  limit: number,
  condition: string | undefined,
): Promise<SearchHit[]> => {
  const query = table
    .vectorSearch(Float32Array.from(vector))
    .distanceType("cosine")
    .select([...CONTENT_COLUMNS, "_distance"])
    .limit(limit);
  // The distance to or from a vector of zeros is not a number; such points are no hits.
  return readHits(
    condition === undefined ? query : query.where(condition),
    (distance) => 1 - distance,
    "_distance",
  );
};

/** Searches by words. A `MatchQuery` takes them literally, where a string would have LanceDB's query syntax. */
const byWords = async (
  { lancedb, table }: OpenTable,
  text: string,
  limit: number,
  condition: string | undefined,
): Promise<SearchHit[]> => {
  const state = await readState(table);
  const query = table
    .query()
    .fullTextSearch(new lancedb.MatchQuery(searchQuestion(withoutStopWords(text)), "lexical"))
    .select([...CONTENT_COLUMNS, "_score"])
    .limit(ranksWords(state) ? limit : Math.max(limit, state.rows));
  const hits = await readHits(
    condition === undefined ? query : query.where(condition),
    (score) => score,
    "_score",
  );
  return hits.slice(0, limit);
};

const readHits = async (
  query: Rows,
  toScore: (value: number) => number,
  scoreColumn: string,
): Promise<SearchHit[]> => {
  const { batches } = await query.toArrow();
  const hits = batches.flatMap((batch) => {
    const values = column(batch, scoreColumn);
    return readContents(batch).map((point, index) => ({ ...point, score: toScore(Number(values[index])) }));
  });
  return hits
    .filter(({ score }) => Number.isFinite(score))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
};
