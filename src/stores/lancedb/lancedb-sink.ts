import type { Query } from "@lancedb/lancedb";
import type { RecordBatch } from "apache-arrow";
import pLimit from "p-limit";
import { throwIfAborted } from "../../internal/async/clock.js";
import { untilAborted } from "../../internal/async/until-aborted.js";
import { parseOptions } from "../../internal/options.js";
import { checkPoint } from "../checks.js";
import type { SearchFilter } from "../filter.js";
import {
  type CollectionSpec,
  LISTED_VALUES,
  type ListedField,
  type ListPointsOptions,
  type ListValuesOptions,
  type OpenedCollection,
  type Point,
  type PointContent,
  type SearchHit,
  type SearchQuery,
  type SinkCallOptions,
  STORE_MODES,
  type StoreDetails,
  type StoredPoint,
  type VectorSink,
} from "../sink.js";
import { LanceDbConnection, type OpenTable } from "./connection.js";
import { sqlText, toSql } from "./filter-sql.js";
import { isRemote } from "./location.js";
import { type LanceDbSettings, type LanceDbSinkOptions, lanceDbOptionsSchema } from "./options.js";
import { loadPackages, packageVersion } from "./packages.js";
import { CONTENT_COLUMNS, readContents, readStoredPoints, textsOf } from "./rows.js";
import { checkTableQuery, runSearch } from "./search.js";
import { TableWriter } from "./table-writer.js";

/** The table of a sink, with its writer. */
interface WritableTable extends OpenTable {
  writer: TableWriter;
}

/** What users of an object store should know, for `doctor` and `status`. */
const WRITERS = { writers: "each commit of another is waited for; with several machines use Qdrant" };

/**
 * Stores points in a LanceDB table in a local directory or in S3: no server, one table per collection, exact cosine search and
 * BM25.
 *
 * Concurrent writes share a commit, so that many small documents do not add a version and a file each. Several processes
 * may read and write the same collection at the same time. LanceDB cannot cancel a running operation: when a signal
 * aborts, the call rejects at once, and the current batch is still written whole or not at all.
 *
 * @throws UnsiloedError `INVALID_OPTION` from the constructor; `MISSING_PACKAGE` from the first call when
 *   `@lancedb/lancedb` or `apache-arrow` is not installed
 * @example
 * ```ts
 * const sink = new LanceDbSink({ directory: "./vectors", collection: "reports" });
 * await sink.prepare({ dimensions: 1536, model: "text-embedding-3-small" });
 * await sink.upsert(points);
 * const hits = await sink.search({ mode: "text", k: 5, text: question });
 * await sink.close();
 * ```
 */
export class LanceDbSink implements VectorSink {
  readonly description: string;
  readonly takesFloats = true;
  readonly inspect?: () => Promise<StoreDetails>;
  readonly #settings: LanceDbSettings;
  readonly #connection: LanceDbConnection;
  /** Writes of one sink run one after the other, because concurrent ones would conflict and be retried. */
  readonly #queue = pLimit(1);
  #opened: WritableTable | undefined;

  constructor(options: LanceDbSinkOptions = {}) {
    this.#settings = parseOptions(lanceDbOptionsSchema, options, "LanceDbSink");
    this.#connection = new LanceDbConnection(this.#settings);
    if (isRemote(this.#settings.directory)) this.inspect = async () => ({ facts: WRITERS, problems: [] });
    this.description = `lancedb:${this.#settings.directory} (${this.#settings.collection})`;
  }

  async connect({ signal }: SinkCallOptions = {}): Promise<void> {
    await untilAborted(loadPackages, signal);
  }

  async version(options: SinkCallOptions = {}): Promise<string> {
    await this.connect(options);
    return `LanceDB ${await untilAborted(packageVersion, options.signal)}`;
  }

  async prepare(spec: CollectionSpec, options: SinkCallOptions = {}): Promise<void> {
    const prepare = () => this.#queue(() => this.#connection.prepare(spec, options));
    this.#use(await untilAborted(prepare, options.signal));
  }

  /** Opens the table again, so that one that was removed or replaced is noticed. */
  async open({ signal }: SinkCallOptions = {}): Promise<OpenedCollection> {
    const opened = this.#use(await untilAborted(() => this.#connection.open(), signal));
    return { spec: opened.spec, modes: opened.fullText ? STORE_MODES : ["dense"] };
  }

  async upsert(points: readonly Point[], options: SinkCallOptions = {}): Promise<number> {
    const { spec, writer } = await this.#table(options);
    // LanceDB would insert an id twice that is given twice.
    const distinct = new Map(points.map((point) => [point.id, point]));
    for (const point of distinct.values()) checkPoint(point, spec.dimensions);
    await writer.upsert(distinct.values(), options);
    return distinct.size;
  }

  async deletePoints(ids: readonly string[], options: SinkCallOptions = {}): Promise<void> {
    const { writer } = await this.#table(options);
    await writer.delete(ids, options);
  }

  async *listPoints(docId: string, options: ListPointsOptions = {}): AsyncGenerator<StoredPoint> {
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

  async listValues(field: ListedField, options: ListValuesOptions = {}): Promise<string[]> {
    const { filter, limit = LISTED_VALUES } = options;
    const { table } = await this.#table(options);
    const query = table.query().select([field]);
    const condition = toSql(filter);
    if (condition !== undefined) query.where(condition);
    const values = new Set<string>();
    for await (const batch of this.#batches("listing values", query, options)) {
      for (const value of textsOf(batch, field)) {
        values.add(value);
        if (values.size >= limit) return [...values];
      }
    }
    return [...values];
  }

  async count(filter?: SearchFilter, options: SinkCallOptions = {}): Promise<number> {
    const { table } = await this.#table(options);
    return this.#read("counting points", () => table.countRows(toSql(filter)), options);
  }

  async search(query: SearchQuery, options: SinkCallOptions = {}): Promise<SearchHit[]> {
    const open = await this.#table(options);
    checkTableQuery(query, open);
    return this.#read("searching", () => runSearch(open, query), options);
  }

  /** Waits for pending writes, merges files if needed, and closes the table. */
  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await this.#queue(() => undefined);
    await opened?.writer.finish();
    opened?.table.close();
    await this.#connection.close();
  }

  /** Returns the table, opened unless `prepare` or `open` did so. */
  async #table({ signal }: SinkCallOptions): Promise<WritableTable> {
    throwIfAborted(signal);
    if (this.#opened) return this.#opened;
    const open = await untilAborted(() => this.#connection.open(), signal);
    // Another call may have opened it by now.
    return this.#opened ?? this.#use(open);
  }

  #use(open: OpenTable): WritableTable {
    const writer = new TableWriter(open, this.#connection, this.#settings, this.#queue);
    writer.written = this.#opened?.writer.written ?? false;
    this.#opened = { ...open, writer };
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
}
