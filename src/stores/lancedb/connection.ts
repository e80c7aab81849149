import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Connection, Table } from "@lancedb/lancedb";
import type { Schema } from "apache-arrow";
import { messageOf, UnsiloedError } from "../../errors.js";
import { ignoring } from "../../internal/async/ignoring.js";
import { retry } from "../../internal/async/retry.js";
import { propertyOf } from "../../internal/objects.js";
import { modelMismatch } from "../model-mismatch.js";
import type { CollectionSpec, SinkCallOptions } from "../sink.js";
import { type FailedCall, tableNotFound, toStoreError } from "./errors.js";
import { isRemote, locationOf, storageOptions } from "./location.js";
import type { LanceDbSettings } from "./options.js";
import { type Arrow, type LanceDb, loadPackages } from "./packages.js";
import { readSpec, tableSchema } from "./rows.js";

/** Indexes by column: full-text search, and the column by which every run looks up points. */
const INDEXES = { lexical: "full text", doc_id: "btree" } as const;

/**
 * What LanceDB may remember of the files of a table, old versions included. Its own limit is a gigabyte, which a run of
 * many small writes fills with versions that nobody reads again.
 */
const METADATA_CACHE_BYTES = 32n * 1024n * 1024n;

const FIRST_RETRY_MS = 50;
const OPEN_ATTEMPTS = 4;

/** The table of a sink once it is open. */
export interface OpenTable {
  lancedb: LanceDb;
  arrow: Arrow;
  table: Table;
  schema: Schema;
  spec: CollectionSpec;
  /** Whether the full-text index is there. */
  fullText: boolean;
}

/** Opens, creates and checks the table of a sink. */
export class LanceDbConnection {
  readonly #settings: LanceDbSettings;
  readonly #directory: string;
  #connection: Promise<Connection> | undefined;

  constructor(settings: LanceDbSettings) {
    this.#settings = settings;
    this.#directory = locationOf(settings.directory);
  }

  /** Runs calls of LanceDB and converts what they throw into errors of this package. */
  async call<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      throw toStoreError(thrown, this.#failed(action));
    }
  }

  /** Like {@link call}, with retries when another process writes at the same time. */
  commit<T>(action: string, work: () => Promise<T>, { signal }: SinkCallOptions): Promise<T> {
    const { attempts, clock } = this.#settings;
    return retry(() => this.call(action, work), { attempts, baseDelayMs: FIRST_RETRY_MS, clock, signal });
  }

  /**
   * Opens the table. Creates nothing, not even the directory.
   *
   * @throws UnsiloedError `COLLECTION_NOT_FOUND`
   */
  async open(): Promise<OpenTable> {
    const action = "opening the collection";
    await this.call(action, () => this.#checkDirectory(action));
    const packages = await loadPackages();
    return this.call(action, async () => {
      const connection = await this.#connect(packages.lancedb);
      const table = await this.#openTable(connection, action);
      // The Arrow types of LanceDB and ours are the same; its declarations name them differently.
      const schema: Schema = await table.schema();
      const spec = readSpec(schema);
      if (!spec) {
        throw this.#mismatch(
          "another program or another version of this package created it",
          "a collection of this package",
        );
      }
      const indexed = await indexedColumns(table);
      return { ...packages, table, schema, spec, fullText: indexed.has("lexical") };
    });
  }

  /**
   * Creates the table and its indexes, or checks an existing one.
   *
   * @throws UnsiloedError `STORE_MISMATCH`, naming both values
   */
  async prepare(spec: CollectionSpec, options: SinkCallOptions): Promise<OpenTable> {
    const existing = await ignoring("COLLECTION_NOT_FOUND", () => this.open());
    const opened = existing ?? (await this.#create(spec, options));
    const { dimensions, model } = opened.spec;
    if (dimensions !== spec.dimensions || model !== spec.model) {
      throw modelMismatch(this.#label, opened.spec, spec);
    }
    await this.commit("creating indexes", () => this.#addIndexes(opened), options);
    return { ...opened, fullText: true };
  }

  /** Directory of the files of the table; `undefined` where they are not on a disk. */
  get tableDirectory(): string | undefined {
    if (isRemote(this.#directory)) return undefined;
    return path.join(this.#directory, `${this.#settings.collection}.lance`);
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.then((open) => open.close());
  }

  async #create(spec: CollectionSpec, options: SinkCallOptions): Promise<OpenTable> {
    const { lancedb, arrow } = await loadPackages();
    const create = async (): Promise<void> => {
      const connection = await this.#connect(lancedb);
      try {
        await connection.createEmptyTable(this.#settings.collection, tableSchema(arrow, spec));
      } catch (thrown) {
        // Another run has just created it; it is checked like any other.
        if (!/already exists/i.test(messageOf(thrown))) throw thrown;
      }
    };
    await this.commit("creating the collection", create, options);
    return this.open();
  }

  async #addIndexes({ lancedb, table }: OpenTable): Promise<void> {
    const { stem, maxTokenLength } = this.#settings.fullText;
    const there = await indexedColumns(table);
    const fullText = lancedb.Index.fts({
      // Splits words in any language, and at punctuation: "O'Neill", "INV-2024", 日本語.
      baseTokenizer: "icu/split",
      lowercase: true,
      asciiFolding: true,
      // Numbers and short names must stay searchable; BM25 gives common words a low weight.
      removeStopWords: false,
      stem: stem !== false,
      ...(stem !== false && { language: stem }),
      maxTokenLength,
      withPosition: false,
    });
    for (const [column, kind] of Object.entries(INDEXES)) {
      if (there.has(column)) continue;
      const config = kind === "btree" ? lancedb.Index.btree() : fullText;
      await table.createIndex(column, { config, replace: false });
    }
  }

  async #connect(lancedb: LanceDb): Promise<Connection> {
    this.#connection ??= lancedb.connect(this.#directory, {
      // Every read sees what other processes have written.
      readConsistencyInterval: 0,
      ...(isRemote(this.#directory) && { storageOptions: storageOptions() }),
      session: new lancedb.Session(undefined, METADATA_CACHE_BYTES),
    });
    try {
      return await this.#connection;
    } catch (thrown) {
      this.#connection = undefined;
      throw thrown;
    }
  }

  /** Opens the table, with retries: one that seems damaged may be one that another process is just creating. */
  #openTable(connection: Connection, action: string): Promise<Table> {
    const { collection, clock } = this.#settings;
    const open = async (): Promise<Table> => {
      try {
        return await connection.openTable(collection);
      } catch (thrown) {
        // Another process is creating it, or was killed while it did. It has no rows yet and may be created again.
        const files = this.tableDirectory;
        if (isIncomplete(thrown) && files !== undefined && (await isEmptyTable(files)))
          throw tableNotFound(this.#failed(action), thrown);
        throw toStoreError(thrown, this.#failed(action));
      }
    };
    const retryOn = ({ code, cause }: UnsiloedError): boolean =>
      code !== "COLLECTION_NOT_FOUND" && isIncomplete(cause);
    return retry(open, { attempts: OPEN_ATTEMPTS, baseDelayMs: FIRST_RETRY_MS, clock, retryOn });
  }

  async #checkDirectory(action: string): Promise<void> {
    if (isRemote(this.#directory)) return;
    try {
      if ((await stat(this.#directory)).isDirectory()) return;
    } catch (thrown) {
      if (propertyOf(thrown, "code") === "ENOENT") {
        throw tableNotFound(this.#failed(action), thrown);
      }
      throw thrown;
    }
    const { directory } = this.#settings;
    throw new UnsiloedError(
      "STORE_UNREACHABLE",
      `${directory}: expected a directory for LanceDB, got a file; choose another one`,
    );
  }

  #failed(action: string): FailedCall {
    const { directory, collection } = this.#settings;
    return { directory, collection, action };
  }

  get #label(): string {
    const { directory, collection } = this.#settings;
    return `collection "${collection}" in ${directory}`;
  }

  #mismatch(found: string, needed: string): UnsiloedError {
    return new UnsiloedError(
      "STORE_MISMATCH",
      `${this.#label} does not fit: ${found}, expected ${needed}; choose another collection`,
    );
  }
}

const indexedColumns = async (table: Table): Promise<Set<string>> =>
  new Set((await table.listIndices()).flatMap(({ columns }) => columns));

/** Whether LanceDB found the directory of a table, but not all of its files. */
const isIncomplete = (thrown: unknown): boolean => /could not be loaded/.test(messageOf(thrown));

/** Whether the directory of a table has neither rows nor versions. */
const isEmptyTable = async (directory: string): Promise<boolean> => {
  const entries = await Promise.all(
    ["data", "_versions"].map((name) => readdir(path.join(directory, name)).catch(() => [])),
  );
  return entries.flat().length === 0;
};
