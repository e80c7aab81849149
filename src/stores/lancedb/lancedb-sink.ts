import type { Query } from "@lancedb/lancedb";
import type { RecordBatch } from "apache-arrow";
import pLimit from "p-limit";
import { batches } from "../../internal/batching.js";
import { throwIfAborted } from "../../internal/clock.js";
import { parseOptions } from "../../internal/options.js";
import { untilAborted } from "../../internal/until-aborted.js";
import { checkPoint } from "../check-point.js";
import type { SearchFilter } from "../filter.js";
import {
  type CollectionSpec,
  type Point,
  type PointContent,
  SEARCH_MODES,
  type SearchHit,
  type SearchMode,
  type SearchQuery,
  type SinkCallOptions,
  type StoredPoint,
  type VectorSink,
} from "../sink.js";
import { LanceDbConnection, type OpenTable } from "./connection.js";
import { idsToSql, sqlText, toSql } from "./filter-sql.js";
import { isDue, isDueAtEnd, readState, type TableState } from "./maintenance.js";
import { type LanceDbSettings, type LanceDbSinkOptions, lanceDbOptionsSchema } from "./options.js";
import { CONTENT_COLUMNS, readContents, readStoredPoints, toArrowTable, toRow } from "./rows.js";
import { checkQuery, runSearch } from "./search.js";

const DELETE_BATCH = 5000;

/**
 * Stores points in a LanceDB table in a local directory: no server, one table per collection, exact cosine search,
 * BM25 and both together.
 *
 * Several processes may read and write the same collection at once. LanceDB cannot call off what it has begun, so
 * when a signal aborts, the call rejects at once while the batch being written is still written whole or not at all.
 *
 * @throws UnsiloedError `INVALID_OPTION` from the constructor; `MISSING_PACKAGE` from the first call when
 *   `@lancedb/lancedb` or `apache-arrow` is not installed
 * @example
 * ```ts
 * const sink = new LanceDbSink({ directory: "./vectors", collection: "reports" });
 * await sink.prepare({ dimensions: 512, model: "use-lite" });
 * await sink.upsert(points);
 * const hits = await sink.search({ mode: "hybrid", k: 5, text: question, vector });
 * await sink.close();
 * ```
 */
export class LanceDbSink implements VectorSink {
  readonly description: string;
  readonly #settings: LanceDbSettings;
  readonly #connection: LanceDbConnection;
  /** Writes of one sink go one after the other: at once, they would only meet and be tried again. */
  readonly #queue = pLimit(1);
  #opened: OpenTable | undefined;
  #written = false;

  constructor(options: LanceDbSinkOptions = {}) {
    this.#settings = parseOptions(lanceDbOptionsSchema, options, "LanceDbSink");
    this.#connection = new LanceDbConnection(this.#settings);
    this.description = `lancedb:${this.#settings.directory} (${this.#settings.collection})`;
  }

  prepare(spec: CollectionSpec, options: SinkCallOptions = {}): Promise<void> {
    return this.#write(async () => {
      this.#opened = await this.#connection.prepare(spec, options);
    }, options);
  }

  /** Opens the table anew, so that one that was removed or replaced meanwhile is not taken for the old one. */
  async open({ signal }: SinkCallOptions = {}): Promise<{
    spec: CollectionSpec;
    modes: readonly SearchMode[];
  }> {
    const opened = await untilAborted(() => this.#connection.open(), signal);
    this.#opened = opened;
    return { spec: opened.spec, modes: opened.fullText ? SEARCH_MODES : ["dense"] };
  }

  async upsert(points: readonly Point[], options: SinkCallOptions = {}): Promise<number> {
    const open = await this.#table(options);
    const { dimensions } = open.spec;
    // Given twice, an id would be inserted twice.
    const distinct = new Map(points.map((point) => [point.id, point]));
    for (const point of distinct.values()) checkPoint(point, dimensions);
    const toRows = function* () {
      for (const point of distinct.values()) yield toRow(point);
    };
    const { batchCount: maxCount, batchBytes: maxWeight } = this.#settings;
    for (const batch of batches(toRows(), { maxCount, maxWeight, weigh: ({ bytes }) => bytes })) {
      const rows = toArrowTable(open.arrow, open.schema, batch, dimensions);
      // Looked up through the index, an id that another writer inserts at the same time is not noticed as a clash.
      const merge = () => open.table.mergeInsert("id").useIndex(false);
      const write = () => merge().whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(rows);
      await this.#commit(open, "writing points", write, options);
    }
    return distinct.size;
  }

  async deletePoints(ids: readonly string[], options: SinkCallOptions = {}): Promise<void> {
    const open = await this.#table(options);
    for (const batch of batches(new Set(ids), { maxCount: DELETE_BATCH })) {
      await this.#commit(open, "deleting points", () => open.table.delete(idsToSql(batch)), options);
    }
  }

  async *listPoints(
    docId: string,
    options: SinkCallOptions & { vectors?: boolean } = {},
  ): AsyncGenerator<StoredPoint> {
    const { vectors = false } = options;
    const { table } = await this.#table(options);
    const query = table
      .query()
      .where(`doc_id = ${sqlText(docId)}`)
      .select(["id", "version", ...(vectors ? ["vector"] : [])]);
    for await (const batch of this.#batches("listing points", query, options)) yield* readStoredPoints(batch);
  }

  async *readPoints(filter: SearchFilter, options: SinkCallOptions = {}): AsyncGenerator<PointContent> {
    const { table } = await this.#table(options);
    const query = table.query().select(CONTENT_COLUMNS);
    const condition = toSql(filter);
    if (condition !== undefined) query.where(condition);
    for await (const batch of this.#batches("reading points", query, options)) yield* readContents(batch);
  }

  async count(filter?: SearchFilter, options: SinkCallOptions = {}): Promise<number> {
    const { table } = await this.#table(options);
    return this.#read("counting points", () => table.countRows(toSql(filter)), options);
  }

  async search(query: SearchQuery, options: SinkCallOptions = {}): Promise<SearchHit[]> {
    const open = await this.#table(options);
    checkQuery(query, open);
    return this.#read("searching", () => runSearch(open, query, this.#settings), options);
  }

  /** Waits for what is being written, merges files if that is due, and lets go of the table. */
  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await this.#queue(async () => {
      if (opened && this.#written) await this.#maintain(opened, isDueAtEnd);
      this.#written = false;
    });
    opened?.table.close();
    await this.#connection.close();
  }

  /** The table, opened unless `prepare` or `open` did. */
  async #table({ signal }: SinkCallOptions): Promise<OpenTable> {
    throwIfAborted(signal);
    this.#opened ??= await untilAborted(() => this.#connection.open(), signal);
    return this.#opened;
  }

  #read<T>(action: string, work: () => Promise<T>, { signal }: SinkCallOptions): Promise<T> {
    return untilAborted(() => this.#connection.call(action, work), signal);
  }

  async *#batches(action: string, rows: Query, options: SinkCallOptions): AsyncGenerator<RecordBatch> {
    const batchesOfRows = rows[Symbol.asyncIterator]();
    for (;;) {
      const next = await this.#read(action, () => batchesOfRows.next(), options);
      if (next.done) return;
      yield next.value;
    }
  }

  #write<T>(work: () => Promise<T>, { signal }: SinkCallOptions): Promise<T> {
    const begin = () => {
      throwIfAborted(signal);
      return work();
    };
    return untilAborted(() => this.#queue(begin), signal);
  }

  async #commit(
    open: OpenTable,
    action: string,
    work: () => Promise<unknown>,
    options: SinkCallOptions,
  ): Promise<void> {
    await this.#write(() => this.#connection.commit(action, work, options), options);
    this.#written = true;
    // In the queue, and not waited for: the points are durable already.
    if (this.#settings.maintenance.automatic) void this.#queue(() => this.#maintain(open, isDue));
  }

  /** Merges small files and brings the indexes up to date, if that is due. */
  async #maintain({ table }: OpenTable, due: (state: TableState) => boolean): Promise<void> {
    const { automatic, keepVersionsMs } = this.#settings.maintenance;
    if (!automatic) return;
    try {
      if (!due(await readState(table))) return;
      const cleanupOlderThan = new Date(this.#settings.clock.now() - keepVersionsMs);
      await table.optimize({ cleanupOlderThan });
    } catch {
      // It changes nothing but speed. Another process that writes at the same time is what makes it fail; the next
      // write or the next close does it then.
    }
  }
}
