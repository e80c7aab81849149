import { mkdir } from "node:fs/promises";
import path from "node:path";
import { PostgresDatabase } from "../../../../src/internal/postgres/database.js";
import { PgBossQueue } from "../../../../src/queue/pg-boss/pg-boss-queue.js";
import { type CliRun, runCli, startCli } from "../../cli/run-cli.js";
import type { Services } from "../services.js";

const FAST = ["--concurrency", "5", "--poll-interval", "40", "--rate-limit", "100000"];

/** Workers that share a queue, each with a directory of its own as on a machine of its own. */
export class Fleet {
  readonly #directory: string;
  readonly #services: Services;
  readonly #address: string;
  readonly #database: PostgresDatabase;
  readonly #queue: PgBossQueue;

  /** @param directory holds the documents in `docs/` */
  constructor(directory: string, services: Services, address: string) {
    this.#directory = directory;
    this.#services = services;
    this.#address = address;
    this.#database = new PostgresDatabase(address);
    this.#queue = new PgBossQueue(this.#database, { supervises: false });
  }

  /** Runs a command on the shared state, where the documents are. */
  run(command: string, ...more: string[]): Promise<CliRun> {
    const { env } = this.#services;
    return runCli([command, ...more, "--state", this.#address], { cwd: this.#directory, env });
  }

  /** @param onStderr called with all that the worker has said so far */
  async startWorker(name: string, more: readonly string[] = [], onStderr?: (stderr: string) => void) {
    const cwd = path.join(this.#directory, name);
    await mkdir(cwd, { recursive: true });
    const { env, store } = this.#services;
    const args = ["work", "--state", this.#address, "--store", store, ...FAST, ...more];
    return startCli(args, {
      cwd,
      env,
      onStderr: (stderr) => {
        onStderr?.(stderr);
        return undefined;
      },
    });
  }

  /**
   * Does what time does to the documents of a killed worker, some minutes later: they are handed out again.
   *
   * @returns how many it had claimed
   */
  async forgetWorker(pid: number): Promise<number> {
    const claimed = await this.#database.query(
      "update unsiloed.claims set expires_at = now() where pid = $1 returning id",
      [pid],
    );
    await this.#database.query(
      `update unsiloed_queue.job set heartbeat_on = now() - interval '61 s'
       where name = 'documents' and state = 'active' and not exists (
         select from unsiloed.claims where id = singleton_key and expires_at > now())`,
    );
    await this.#queue.supervise();
    await this.endPauses();
    return claimed.length;
  }

  /** Ends the pauses of documents that failed. */
  async endPauses(): Promise<void> {
    await this.#database.query(
      "update unsiloed_queue.job set start_after = now() where name = 'documents' and state < 'active'",
    );
  }

  counts() {
    return this.#queue.counts();
  }

  /** Counts the documents that the ledger knows as stored. */
  async countStored(): Promise<number> {
    const [row] = await this.#database.query<{ count: number }>(
      "select count(*)::int from unsiloed.documents where state = 'stored'",
    );
    return row?.count ?? 0;
  }

  async close(): Promise<void> {
    await this.#queue.close();
    await this.#database.close();
  }
}
