import { messageOf } from "../../errors.js";
import { ignoring } from "../../internal/async/ignoring.js";
import { propertyOf } from "../../internal/objects.js";
import type { PostgresDatabase } from "../../internal/postgres/database.js";
import type { LedgerRecord } from "../../ledger/record.js";
import { type Standing, standingOf } from "../../ledger/standing.js";
import type { QueueCounts } from "../../queue/queue.js";
import type { StoreDetails } from "../../stores/sink.js";
import { chooseStore, type StoreChoice } from "../setup/choose-store.js";
import { loadEnvironment } from "../setup/environment.js";
import { openQueue } from "../setup/sources/queued-sources.js";
import { hasState, openState, type StateOptions } from "../setup/state.js";
import { EXIT } from "../terminal/exit.js";
import type { Terminal } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";

export interface StatusCommandOptions extends Pick<StateOptions, "state">, StoreChoice {
  failed?: boolean;
  all?: boolean;
  json?: boolean;
}

interface Entry {
  doc_id: string;
  standing: Standing;
  record?: LedgerRecord;
  problem?: string;
}

const WORDS: Readonly<Record<Standing, string>> = {
  stored: "stored",
  failed: "failed",
  unknown: "of unknown outcome",
  working: "being worked on",
  waiting: "unfinished",
  unreadable: "unreadable",
};

const size = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

const describe = ({ doc_id, standing, record, problem }: Entry): string => {
  const error = record?.last_error;
  const why = error ? ` [${error.stage}] ${error.code}: ${error.message} (${error.at})` : "";
  const tries = record && record.attempts > 1 ? `, ${record.attempts} attempts` : "";
  const job = record?.job_id && standing !== "stored" ? `, job ${record.job_id}` : "";
  const points = standing === "stored" ? `, ${counted(record?.point_ids.length ?? 0, "point")}` : "";
  return `${standing.toUpperCase()} ${doc_id}${points}${job}${tries}${why}${problem ? `: ${problem}` : ""}`;
};

/** What the user can do about each standing. */
const ADVICE: Partial<Record<Standing, string>> = {
  failed: '"unsiloed-ingest retry" ingests them again',
  unknown:
    "it is unknown whether the service accepted them: name the job with ingest job:ID --doc-id DOC, or submit them " +
    "again with --resubmit-unknown, which may pay twice",
  waiting: 'run the same ingest command again, or "unsiloed-ingest retry", to continue',
  unreadable: '"unsiloed-ingest repair" rebuilds them from the store',
};

/** Codes of failures that only another file helps with. */
const OF_FILES: ReadonlySet<string> = new Set(["UNSUPPORTED_FILE", "FILE_TOO_LARGE"]);

const isToReplace = ({ standing, record }: Entry): boolean =>
  standing === "failed" && OF_FILES.has(record?.last_error?.code ?? "");

const show = (entries: readonly Entry[], options: StatusCommandOptions): boolean[] =>
  entries.map(
    ({ standing }) => options.all || (standing !== "stored" && (!options.failed || standing === "failed")),
  );

/** Counts the documents in the queue, where machines share one. */
const readQueue = async (database: PostgresDatabase | undefined): Promise<QueueCounts | undefined> => {
  if (!database) return undefined;
  const queue = openQueue(database, false);
  try {
    // Not every ledger that machines share has a queue beside it.
    return await ignoring("MISSING_PACKAGE", () => ignoring("LEDGER_VERSION", () => queue.counts()));
  } finally {
    await queue.close();
  }
};

const readState = async (options: StatusCommandOptions, out: Terminal) => {
  const { ledger, results, database, close } = await openState(
    { ...options, readOnly: true },
    loadEnvironment(),
    out,
  );
  const entries: Entry[] = [];
  try {
    for await (const { docId, record, problem } of ledger.list()) {
      if (record) {
        const isClaimed = record.state !== "stored" && (await ledger.holder(docId)) !== undefined;
        entries.push({ doc_id: docId, standing: standingOf(record, isClaimed), record });
      } else entries.push({ doc_id: docId, standing: "unreadable", problem: problem.message });
    }
    entries.sort((a, b) => (a.doc_id < b.doc_id ? -1 : 1));
    return { entries, kept: await results.size(), queue: await readQueue(database) };
  } finally {
    await close();
  }
};

/** Asks a store that has something to tell, such as the servers of a cluster. One that is down is told of, too. */
const readStore = async (
  options: StatusCommandOptions,
): Promise<(StoreDetails & { description: string }) | undefined> => {
  const sink = await chooseStore({ ...options, readOnly: true }, loadEnvironment());
  const { description } = sink;
  try {
    return sink.inspect && { description, ...(await sink.inspect()) };
  } catch (thrown) {
    if (propertyOf(thrown, "code") === "COLLECTION_NOT_FOUND")
      return { description, facts: { collection: "does not exist yet" }, problems: [] };
    return { description, facts: {}, problems: [messageOf(thrown)] };
  } finally {
    await sink.close();
  }
};

const formatStore = (store: Awaited<ReturnType<typeof readStore>>): string[] =>
  store === undefined
    ? []
    : [
        `store:        ${store.description}`,
        ...Object.entries(store.facts).map(([name, text]) => `  ${name}: ${text}`),
        ...store.problems.map((problem) => `  PROBLEM ${problem}`),
      ];

/** Runs `unsiloed-ingest status`: shows how far each document is. The exit code is 0, also when some failed. */
export const runStatus = async (options: StatusCommandOptions, out: Terminal): Promise<number> => {
  const { entries, kept, queue } = (await hasState(options))
    ? await readState(options, out)
    : { entries: [], kept: { results: 0, bytes: 0 }, queue: undefined };
  const store = await readStore(options);
  const counts = new Map<Standing, number>();
  for (const { standing } of entries) counts.set(standing, (counts.get(standing) ?? 0) + 1);
  const costs = entries.flatMap(({ record }) => record?.credits_used ?? []);
  const credits = { used: costs.reduce((sum, one) => sum + one, 0), jobs: costs.length };
  const shown = show(entries, options);
  const listed = entries.filter((_, index) => shown[index]);
  if (options.json) {
    out.json({
      documents: { total: entries.length, ...Object.fromEntries(counts) },
      credits,
      kept_results: kept,
      ...(queue && { queue }),
      ...(store && { store }),
      listed: listed.map(({ doc_id, standing, record, problem }) => ({
        doc_id,
        standing,
        ...(problem !== undefined && { problem }),
        ...record,
      })),
    });
    return EXIT.ok;
  }
  const summary = [...counts].map(([standing, count]) => `${count} ${WORDS[standing]}`);
  out.print(`documents:    ${entries.length}${summary.length > 0 ? ` = ${summary.join(" + ")}` : ""}`);
  if (credits.jobs > 0) out.print(`credits:      ${credits.used} for ${counted(credits.jobs, "job")}`);
  out.print(`kept results: ${kept.results}, ${size(kept.bytes)}`);
  if (queue) out.print(`queue:        ${queue.waiting} waiting, ${queue.taken} taken, ${queue.dead} dead`);
  for (const line of formatStore(store)) out.print(line);
  for (const entry of listed) out.print(describe(entry));
  const toReplace = listed.filter(isToReplace);
  for (const [standing, advice] of Object.entries(ADVICE))
    if (listed.some((entry) => entry.standing === standing && !isToReplace(entry)))
      out.say(`${standing}: ${advice}`);
  for (const code of new Set(toReplace.map(({ record }) => record?.last_error?.code)))
    out.say(`failed with ${code}: replace or convert the file, then run ingest again; retry does not help`);
  return EXIT.ok;
};
