import type { LimitFunction } from "p-limit";
import { untilAborted } from "../../internal/async/until-aborted.js";
import { batches } from "../../internal/batching.js";
import { GroupCommit } from "../group-commit.js";
import type { Point, SinkCallOptions } from "../sink.js";
import type { LanceDbConnection, OpenTable } from "./connection.js";
import { idsToSql } from "./filter-sql.js";
import {
  bytesOnDisk,
  isDue,
  isDueAtEnd,
  isOverBudget,
  keptAge,
  readState,
  type TableState,
} from "./maintenance.js";
import type { LanceDbSettings } from "./options.js";
import { type Row, toArrowTable, toRow } from "./rows.js";

const DELETE_BATCH = 5000;

/** Writes into an open table, and keeps its files few and its indexes up to date. */
export class TableWriter {
  readonly #open: OpenTable;
  readonly #connection: LanceDbConnection;
  readonly #settings: LanceDbSettings;
  readonly #queue: LimitFunction;
  readonly #rows: GroupCommit<Row>;
  readonly #deletions: GroupCommit<string>;
  /** Whether anything was written since the last maintenance. */
  written = false;

  /** @param queue runs the writes of the sink one after the other, because concurrent ones would conflict */
  constructor(
    open: OpenTable,
    connection: LanceDbConnection,
    settings: LanceDbSettings,
    queue: LimitFunction,
  ) {
    this.#open = open;
    this.#connection = connection;
    this.#settings = settings;
    this.#queue = queue;
    const { batchCount: maxCount, batchBytes: maxWeight } = settings;
    this.#rows = new GroupCommit(
      queue,
      { maxCount, maxWeight, weigh: ({ bytes }) => bytes, keyOf: ({ point }) => point.id },
      (rows) => this.#merge(rows),
    );
    this.#deletions = new GroupCommit(
      queue,
      { maxCount: DELETE_BATCH, maxWeight: Number.POSITIVE_INFINITY, weigh: () => 0, keyOf: (id) => id },
      (ids) => this.#delete(ids),
    );
  }

  /** Writes points of different ids, in batches of bounded size. */
  async upsert(points: Iterable<Point>, { signal }: SinkCallOptions): Promise<void> {
    const { batchCount: maxCount, batchBytes: maxWeight } = this.#settings;
    const rows = function* () {
      for (const point of points) yield toRow(point);
    };
    for (const batch of batches(rows(), { maxCount, maxWeight, weigh: ({ bytes }) => bytes })) {
      await untilAborted(() => this.#rows.add(batch, signal), signal);
    }
  }

  async delete(ids: Iterable<string>, { signal }: SinkCallOptions): Promise<void> {
    for (const batch of batches(new Set(ids), { maxCount: DELETE_BATCH })) {
      await untilAborted(() => this.#deletions.add(batch, signal), signal);
    }
  }

  /** Waits for pending writes, and merges files if needed. */
  async finish(): Promise<void> {
    await this.#queue(async () => {
      if (this.written) await this.#maintain(isDueAtEnd);
      this.written = false;
    });
  }

  #merge(rows: readonly Row[]): Promise<void> {
    const { arrow, schema, spec, table } = this.#open;
    let data: ReturnType<typeof toArrowTable> | undefined;
    return this.#commit("writing points", async () => {
      data ??= toArrowTable(arrow, schema, rows, spec.dimensions);
      // With the index, LanceDB does not detect a conflict with a writer that inserts the same id at the same time.
      const merge = table.mergeInsert("id").useIndex(false).whenMatchedUpdateAll().whenNotMatchedInsertAll();
      await merge.execute(data);
    });
  }

  #delete(ids: readonly string[]): Promise<void> {
    return this.#commit("deleting points", async () => {
      await this.#open.table.delete(idsToSql(ids));
    });
  }

  async #commit(action: string, work: () => Promise<void>): Promise<void> {
    await this.#connection.commit(action, work, {});
    this.written = true;
    // Queued and not awaited: the write is durable already.
    if (this.#settings.maintenance.automatic) void this.#queue(() => this.#maintain(isDue));
  }

  /** Merges small files and updates the indexes, if needed. */
  async #maintain(due: (state: TableState) => boolean): Promise<void> {
    const { automatic, keepVersionsMs, keepVersionsBytes } = this.#settings.maintenance;
    if (!automatic) return;
    const { table } = this.#open;
    try {
      const state = await readState(table);
      const isNeeded = due(state);
      // Adding up the files takes too long to do it after every write.
      if (!isNeeded && due === isDue) return;
      const directory = this.#connection.tableDirectory;
      const overBudget =
        directory !== undefined && isOverBudget(state, await bytesOnDisk(directory), keepVersionsBytes);
      if (!isNeeded && !overBudget) return;
      const age = keptAge(keepVersionsMs, overBudget);
      await table.optimize({ cleanupOlderThan: new Date(this.#settings.clock.now() - age) });
    } catch {
      // Fails when another process writes at the same time. Only speed is lost until the next write or close.
    }
  }
}
