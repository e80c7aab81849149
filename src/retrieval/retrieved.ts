import type { PointMetadata } from "../stores/sink.js";

/** Metadata of a retrieved Document: that of its point, and how it was found. */
export type RetrievedMetadata = PointMetadata & {
  /** How well it matched; comparable only within one search. */
  score: number;
  /** Ids of the hits it was grown from, best first; only with `expand`. */
  grown_from?: string[];
};
