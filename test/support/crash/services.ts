import { setTimeout as delay } from "node:timers/promises";
import type { Emulator } from "../../../src/emulator/emulator.js";
import type { FaultRule } from "../../../src/emulator/fault-rules.js";
import { startEmulator } from "../../../src/emulator/server.js";
import { systemClock } from "../../../src/internal/async/clock.js";
import { OpenAIServer } from "../openai/server.js";
import { QdrantDouble } from "../qdrant-double/server.js";
import type { Activity, Moment } from "./activity.js";
import type { CrashDocument } from "./documents.js";

export const STORES = ["lancedb", "qdrant"] as const;
export type StoreKind = (typeof STORES)[number];

export const DIMENSIONS = 64;

/** The local servers of one round, and how the command finds them. */
export interface Services {
  emulator: Emulator;
  /** Texts that were embedded, including repeated ones. */
  textsEmbedded(): number;
  qdrant: QdrantDouble | undefined;
  /** The value of `--store`. */
  store: string;
  env: Record<string, string>;
  close(): Promise<void>;
}

/** Delays answers until after the request was applied, so that some kills happen in between. */
const slowAnswers = ({ note }: Activity): FaultRule[] => {
  const seen = (moment: Moment) => () => {
    note(moment);
    return true;
  };
  const always = { fault: "slow", times: Number.POSITIVE_INFINITY } as const;
  return [
    { ...always, on: "submit", pieceBytes: 100, pieceMs: 6, match: seen("submitting") },
    { ...always, on: "status", pieceBytes: 500, pieceMs: 2, match: seen("waiting") },
    { ...always, on: "result", pieceBytes: 4_096, pieceMs: 4, match: seen("fetching") },
    { ...always, on: "output", pieceBytes: 4_096, pieceMs: 4, match: seen("fetching") },
  ];
};

/** Every second job advances only when its status is asked for, so that it is still running after a kill. */
const statesOf = ({ fileName }: { fileName: string }): readonly string[] | undefined =>
  /[02468]\.pdf$/.test(fileName)
    ? ["Starting", "Queued", "Processing", "Processing", "Succeeded"]
    : undefined;

/**
 * A write that arrives during another one takes longer, and is dropped when its client has ended: a kill between the
 * two leaves a part of a document.
 */
const startQdrant = (activity: Activity): Promise<QdrantDouble> => {
  let writing = 0;
  return QdrantDouble.start({
    beforeAnswer: async ({ method, path, isGone }) => {
      const isWrite = method === "PUT" || path.endsWith("/delete") || path.endsWith("/batch");
      if (!isWrite) return delay(2);
      const isSecond = writing++ > 0;
      activity.note(isSecond ? "writing the rest" : "writing points");
      await delay(isSecond ? 120 : 15);
      writing--;
      if (isSecond && isGone()) throw new Error("the client has gone");
    },
  });
};

/** @param processingMs how long a parse job takes, besides its start and its queue */
export const startServices = async (
  kind: StoreKind,
  documents: readonly CrashDocument[],
  activity: Activity,
  processingMs = 120,
): Promise<Services> => {
  const results = new Map(documents.map(({ fileName, result }) => [fileName, result]));
  const emulator = await startEmulator({
    results: ({ fileName }) => ({ ...(results.get(fileName) ?? { fail: "no such document" }) }),
    delays: { startingMs: 20, queuedMs: 40, processingMs },
    states: statesOf,
    faults: slowAnswers(activity),
  });
  const openai = await OpenAIServer.start({
    dimensions: DIMENSIONS,
    latency: { perRequestMs: 15 },
    clock: {
      ...systemClock,
      delay: (ms, signal) => {
        activity.note("embedding");
        return systemClock.delay(ms, signal);
      },
    },
  });
  const qdrant = kind === "qdrant" ? await startQdrant(activity) : undefined;
  return {
    emulator,
    textsEmbedded: () => openai.requests.reduce((sum, { inputs }) => sum + inputs.length, 0),
    qdrant,
    store: qdrant ? `qdrant:${qdrant.url}` : "lancedb:store",
    env: {
      UNSILOED_API_KEY: "key-of-the-crash-harness",
      UNSILOED_BASE_URL: emulator.url,
      OPENAI_API_KEY: "key-of-the-embeddings",
      OPENAI_BASE_URL: openai.baseURL,
    },
    close: async () => {
      await Promise.all([emulator.close(), openai.close(), qdrant?.close()]);
    },
  };
};
