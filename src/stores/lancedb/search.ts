import type { Table } from "@lancedb/lancedb";
import { UnsiloedError } from "../../errors.js";
import type { PointVector, SearchHit, SearchQuery } from "../sink.js";
import type { OpenTable } from "./connection.js";
import { toSql } from "./filter-sql.js";
import { fuse } from "./fusion.js";
import { ranksWords, readState } from "./maintenance.js";
import type { LanceDbSettings } from "./options.js";
import { tellingWords } from "./question-words.js";
import { CONTENT_COLUMNS, column, readContents } from "./rows.js";

const missing = (what: string, mode: string): UnsiloedError =>
  new UnsiloedError("INVALID_OPTION", `search: ${what}: expected one for mode "${mode}", got nothing`);

/** @throws UnsiloedError `INVALID_OPTION`, `STORE_MISMATCH`, `STORE_REFUSED`, `UNSUPPORTED_SEARCH` */
export const checkQuery = ({ mode, k, text, vector }: SearchQuery, { spec, fullText }: OpenTable): void => {
  if (!Number.isInteger(k) || k < 1) {
    throw new UnsiloedError("INVALID_OPTION", `search: k: expected a whole number ≥ 1, got ${k}`);
  }
  if (mode !== "text" && !vector) throw missing("vector", mode);
  if (mode !== "dense" && text === undefined) throw missing("text", mode);
  if (mode !== "dense" && !fullText) {
    throw new UnsiloedError(
      "UNSUPPORTED_SEARCH",
      `the collection has no full-text index, so it cannot be searched in mode "${mode}": ingest into it again, which makes one`,
    );
  }
  if (mode === "text" || !vector) return;
  if (vector.length !== spec.dimensions) {
    throw new UnsiloedError(
      "STORE_MISMATCH",
      `the question's vector has ${vector.length} dimensions, the collection's have ${spec.dimensions} of model "${spec.model}"`,
    );
  }
  if (!vector.every((value) => Number.isFinite(Math.fround(value)))) {
    throw new UnsiloedError(
      "STORE_REFUSED",
      "the question's vector holds a number that is not a finite float32",
    );
  }
};

/** Runs a query that {@link checkQuery} has passed. */
export const runSearch = async (
  open: OpenTable,
  query: SearchQuery,
  settings: LanceDbSettings,
): Promise<SearchHit[]> => {
  const { mode, k, text = "", vector = [] } = query;
  const condition = toSql(query.filter);
  if (mode === "dense") return byVector(open.table, vector, k, condition);
  if (mode === "text") return byWords(open, text, k, condition);
  const fetched = Math.max(k, settings.prefetch);
  const [dense, words] = await Promise.all([
    byVector(open.table, vector, fetched, condition),
    byWords(open, text, fetched, condition),
  ]);
  const hits = new Map([...dense, ...words].map((hit) => [hit.id, hit]));
  const ids = (list: readonly SearchHit[]) => list.map(({ id }) => id);
  return fuse(ids(dense), ids(words), settings.fusion)
    .slice(0, k)
    .flatMap(({ id, score }) => {
      const hit = hits.get(id);
      return hit ? [{ ...hit, score }] : [];
    });
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
  // A distance to or from a vector of zeros is no number: such points are no hits.
  return readHits(
    condition === undefined ? query : query.where(condition),
    (distance) => 1 - distance,
    "_distance",
  );
};

/** The question's words are looked up as they are: LanceDB's query syntax is for strings, not for a `MatchQuery`. */
const byWords = async (
  { lancedb, table }: OpenTable,
  text: string,
  limit: number,
  condition: string | undefined,
): Promise<SearchHit[]> => {
  const state = await readState(table);
  const query = table
    .query()
    .fullTextSearch(new lancedb.MatchQuery(tellingWords(text), "lexical"))
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
