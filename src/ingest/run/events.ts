import type { SourceStatus } from "../../documents/source.js";
import type { IngestFailure } from "./report.js";

/** What a run says while it goes on, for progress displays and logs. */
export type IngestEvent =
  | { type: "ready"; store: string; embeddings: string }
  | { type: "source-started"; source: string }
  | { type: "source-status"; source: string; status: SourceStatus }
  | { type: "source-unchanged"; source: string; points: number }
  /** Another run works on the document; it is looked at again at the end. */
  | { type: "source-held"; source: string }
  | { type: "source-parsed"; source: string; segments: number }
  | { type: "source-split"; source: string; documents: number }
  | { type: "source-embedding"; source: string; texts: number }
  | { type: "source-embedded"; source: string; embedded: number; reused: number }
  | { type: "source-stored"; source: string; upserted: number; unchanged: number; deleted: number }
  | { type: "source-failed"; source: string; failure: IngestFailure };

export type IngestEventListener = (event: IngestEvent) => void;
