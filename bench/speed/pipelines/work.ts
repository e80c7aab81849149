import type { Latencies } from "../services/latencies.js";

/** What a pipeline is to do, as an argument of its process. */
export interface Work {
  addresses: { parse: string; embed: string; store: string };
  pace: Latencies;
  /** Files to submit. */
  files: readonly string[];
  /** Their parse results, for pipelines that read saved results. */
  results: readonly string[];
  collection: string;
  /** Directory of what a pipeline keeps for its next run. */
  state: string;
}

/** Ingests all documents. @returns how many points were written */
export type Pipeline = (work: Work) => Promise<number>;

/** Any key, since the services check none. */
export const KEY = "bench";

/** What `repeat.js` is to do. */
export interface Repeat {
  addresses: Work["addresses"];
  documents: number;
  /** Saved results, which the documents repeat. */
  results: readonly string[];
  store: "qdrant" | "lancedb";
  /** Directory of LanceDB and of the ledger. */
  directory: string;
  hasLedger: boolean;
}

/** What `repeat.js` tells. */
export interface Repeated {
  segments: number;
  points: number;
  /** Times since the start of the process: at the start of the run and after each tenth of the documents. */
  marks: readonly { seconds: number; cpuSeconds: number }[];
}
