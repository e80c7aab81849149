import type { PostgresState } from "../../distributed/postgres-state.js";
import { messageOf } from "../../errors.js";
import { isObjectAddress } from "../../internal/object-store/address.js";
import { propertyOf } from "../../internal/objects.js";
import type { Ledger, LedgerEntry } from "../../ledger/ledger.js";
import type { LedgerRecord } from "../../ledger/record.js";
import type { KeptResults } from "../../ledger/results/kept-results.js";
import { type Standing, standingOf } from "../../ledger/standing.js";
import type { QueueCounts } from "../../queue/queue.js";
import type { StoreDetails } from "../../stores/sink.js";
import { chooseStore, type StoreChoice } from "../setup/choose-store.js";
import { loadEnvironment } from "../setup/environment.js";
import { hasState, openState, type StateOptions, whereQueued } from "../setup/state.js";
import { EXIT } from "../terminal/exit.js";
import { elapsed } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";

export interface StatusCommandOptions extends Pick<StateOptions, "state" | "keepResults">, StoreChoice {
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
  queued: "queued",
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

/** What the user can do about unfinished documents where workers share a queue. */
const adviceOfQueue = ({ waiting, taken }: QueueCounts): string =>
  waiting + taken === 0
    ? '"unsiloed-ingest retry" adds them to the queue for "unsiloed-ingest work", or run the same ingest command again'
    : `in the queue, ${waiting} waiting and ${taken} taken by workers: "unsiloed-ingest work" continues them; ` +
      '"unsiloed-ingest retry" adds those that are not in it';

type Kept = { results: number; bytes: number; directory?: string } | { address: string };
const NOTHING_KEPT: Kept = { results: 0, bytes: 0 };

/** Codes of failures that only another file helps with. */
const OF_FILES: ReadonlySet<string> = new Set(["UNSUPPORTED_FILE", "FILE_TOO_LARGE"]);

const isToReplace = ({ standing, record }: Entry): boolean =>
  standing === "failed" && OF_FILES.has(record?.last_error?.code ?? "");

/** Documents that only wait in the queue are listed with all others: there may be millions. */
const isListed = ({ standing }: Entry, { all, failed }: StatusCommandOptions): boolean => {
  if (all) return true;
  return failed ? standing === "failed" : standing !== "stored" && standing !== "queued";
};

/** What the documents of a ledger are, and those that are to be listed. */
interface Overview {
  counts: Map<Standing, number>;
  credits: { used: number; jobs: number };
  listed: Entry[];
}

const readLedger = async (ledger: Ledger, options: StatusCommandOptions): Promise<Overview> => {
  const overview: Overview = { counts: new Map(), credits: { used: 0, jobs: 0 }, listed: [] };
  const { counts, credits, listed } = overview;
  const entryOf = async ({ docId: doc_id, record, problem }: LedgerEntry): Promise<Entry> => {
    if (!record) return { doc_id, standing: "unreadable", problem: problem.message };
    const isBegun = record.state !== "stored" && record.state !== "queued";
    const isClaimed = isBegun && (await ledger.holder(doc_id)) !== undefined;
    return { doc_id, standing: standingOf(record, isClaimed), record };
  };
  for await (const found of ledger.list()) {
    const entry = await entryOf(found);
    counts.set(entry.standing, (counts.get(entry.standing) ?? 0) + 1);
    const used = found.record?.credits_used ?? null;
    if (used !== null) credits.used += used;
    if (used !== null) credits.jobs += 1;
    if (isListed(entry, options)) listed.push(entry);
  }
  listed.sort((a, b) => (a.doc_id < b.doc_id ? -1 : 1));
  return overview;
};

/** Dead documents that are listed; there may be many, and their reasons are few. */
const MOST_DEAD = 100;

/** What is known of the queue, as JSON has it. */
interface QueueStatus extends QueueCounts {
  /** Waiting documents that failed, and are handed out after a pause. */
  paused: number;
  oldest_waiting_seconds: number | null;
  workers: number;
  dead_documents: { doc_id: string; reason: string; died_at: string }[];
  /** What workers with `--max-credits` spent together; absent where none ever had it. */
  max_credits?: { spent: number; reserved: number; since: string };
}

const readQueue = async (shared: PostgresState): Promise<QueueStatus> => {
  const { queue } = shared;
  const [counts, { oldestWaitingSeconds, ...details }, credits] = await Promise.all([
    queue.counts(),
    queue.details(),
    whereQueued(() => shared.spentCredits()),
  ]);
  const dead_documents: QueueStatus["dead_documents"] = [];
  let dead = 0;
  for await (const { docId, reason, diedAt } of shared.dead()) {
    dead += 1;
    if (dead <= MOST_DEAD) dead_documents.push({ doc_id: docId, reason, died_at: diedAt });
  }
  return {
    ...counts,
    dead,
    ...details,
    oldest_waiting_seconds: oldestWaitingSeconds,
    dead_documents,
    ...(credits && { max_credits: { ...credits, since: credits.since.toISOString() } }),
  };
};

const formatQueue = (queue: QueueStatus): string[] => {
  const { waiting, paused, taken, dead, workers, oldest_waiting_seconds: oldest, dead_documents } = queue;
  const { max_credits: limited } = queue;
  const wait = oldest === null ? "" : `, the oldest for ${elapsed(oldest * 1000)}`;
  const failed = paused > 0 ? `, ${paused} of them after a failure` : "";
  const counts = `${waiting} waiting${failed}${wait}, ${taken} taken, ${dead} dead`;
  return [
    `queue:        ${counts}; ${counted(workers, "worker")}`,
    ...(limited
      ? [
          `max-credits:  ${counted(limited.spent, "credit")} spent by workers since ${limited.since}, ${limited.reserved} reserved`,
        ]
      : []),
    ...dead_documents.map(({ doc_id, reason, died_at }) => `  DEAD ${doc_id}: ${reason} (${died_at})`),
    ...(dead > dead_documents.length ? [`  and ${dead - dead_documents.length} more dead`] : []),
  ];
};

/** What is kept: counted in a directory, but named only in an object store, where each 1,000 take a request. */
const readKept = async (results: KeptResults, place: string): Promise<Kept> =>
  isObjectAddress(place) ? { address: place } : { ...(await results.size()), directory: place };

const formatKept = (kept: Kept): string => {
  if ("address" in kept) return `in ${kept.address}`;
  const where = kept.directory === undefined ? "" : `, in ${kept.directory} on this machine`;
  return `${kept.results}, ${size(kept.bytes)}${where}`;
};

const readState = async (options: StatusCommandOptions, out: Terminal) => {
  const { ledger, results, resultsPlace, shared, close } = await openState(
    { ...options, readOnly: true },
    loadEnvironment(),
    out,
  );
  try {
    const queue = shared && (await whereQueued(() => readQueue(shared)));
    return { ...(await readLedger(ledger, options)), kept: await readKept(results, resultsPlace), queue };
  } finally {
    await close();
  }
};

const NOTHING = {
  counts: new Map<Standing, number>(),
  credits: { used: 0, jobs: 0 },
  listed: [],
  kept: NOTHING_KEPT,
  queue: undefined,
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
  const { counts, credits, listed, kept, queue } = (await hasState(options))
    ? await readState(options, out)
    : NOTHING;
  const store = await readStore(options);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (options.json) {
    out.json({
      documents: { total, ...Object.fromEntries(counts) },
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
  out.print(`documents:    ${total}${summary.length > 0 ? ` = ${summary.join(" + ")}` : ""}`);
  if (credits.jobs > 0) out.print(`credits:      ${credits.used} for ${counted(credits.jobs, "job")}`);
  out.print(`kept results: ${formatKept(kept)}`);
  if (queue) for (const line of formatQueue(queue)) out.print(line);
  for (const line of formatStore(store)) out.print(line);
  for (const entry of listed) out.print(describe(entry));
  if (queue && queue.dead > 0) out.say('dead: "unsiloed-ingest retry" has workers try them again');
  const toReplace = listed.filter(isToReplace);
  const advised = { ...ADVICE, ...(queue && { waiting: adviceOfQueue(queue) }) };
  for (const [standing, advice] of Object.entries(advised))
    if (listed.some((entry) => entry.standing === standing && !isToReplace(entry)))
      out.say(`${standing}: ${advice}`);
  for (const code of new Set(toReplace.map(({ record }) => record?.last_error?.code)))
    out.say(`failed with ${code}: replace or convert the file, then run ingest again; retry does not help`);
  return EXIT.ok;
};
