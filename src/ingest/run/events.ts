import type { SourceStatus } from "../../documents/source.js";
import type { ErrorCode } from "../../errors.js";
import type { IngestFailure, ReportedOutcome } from "./report.js";

/** Reports that embeddings and store have answered, before the first source is read. */
export interface ReadyEvent {
  type: "ready";
  /** Where the points go. */
  store: string;
  /** The embedding model and the length of its vectors. */
  embeddings: string;
}

/** How work on a source ended. */
export interface SourceEnd {
  /**
   * `stored`; `unchanged`, as nothing was to be done; `failed`, at least in part; `unfinished`, as the run was stopped
   * or its credits were used up.
   */
  outcome: ReportedOutcome;
  /** The code of the first failure, or of what stopped the run; `null` for `stored` and `unchanged`. */
  code: ErrorCode | null;
  /** Whether a later run may end otherwise although nothing was changed. `false` for `stored` and `unchanged`. */
  retryable: boolean;
}

/** Reports a step of one source, without naming the source. */
export type SourceStep =
  | {
      /** Work on the source begins. */
      type: "source-started";
    }
  | {
      /** The parse job, or its submission, came into another state. */
      type: "source-status";
      status: SourceStatus;
    }
  | {
      /** Nothing was to be done, by what the ledger says. */
      type: "source-unchanged";
      /** Points of the document in the store. */
      points: number;
    }
  | {
      /** Another run works on the document; this run comes back to it when that claim has ended. Reported once. */
      type: "source-claimed-elsewhere";
    }
  | {
      /**
       * Another document of the same content is being parsed, by this run or another; this run comes back to the
       * document when that has ended. Reported once.
       */
      type: "source-parsed-elsewhere";
    }
  | {
      /** The parse of another document with the same content is used, so nothing is submitted for this one. */
      type: "source-reused";
      /** Id of the other document. */
      from: string;
      /** Whether its kept result is read, or its parse job is asked. */
      what: "result" | "job";
    }
  | {
      /** The document was submitted and is paid for again, as its job had expired and no result of it could be read. */
      type: "source-submitted-again";
      /** The job that had expired. */
      expired: string;
    }
  | {
      /** The parse result was read. */
      type: "source-parsed";
      segments: number;
      /** Credits that the parse job cost, where this run read one and the service says. */
      credits?: number;
      /** Pages of that parse job, where the service says them. */
      pages?: number;
    }
  | {
      /** The segments were split. */
      type: "source-split";
      /** LangChain Documents that the splitter made. */
      documents: number;
    }
  | {
      /** A part of the document is about to be embedded; a long one has several parts. */
      type: "source-embedding";
      /** Texts to embed, without those whose vectors the store holds. */
      texts: number;
    }
  | {
      /** A part of the document was embedded. */
      type: "source-embedded";
      /** Texts that were sent to the model or found in its cache. */
      embedded: number;
      /** Splits whose vectors the store held already. */
      reused: number;
    }
  | {
      /** The store holds the document as it is now, except for texts that could not be embedded. */
      type: "source-stored";
      /** Points written. */
      upserted: number;
      /** Points that were in the store already. */
      unchanged: number;
      /** Points of the document that were removed because their text is no longer in it. */
      deleted: number;
    }
  | {
      /** The source was not submitted, because that would have passed `maxCredits`. */
      type: "source-left-out";
      /** Why, with the estimated cost. */
      message: string;
    }
  | {
      /** The source failed; the run continues with the others. A source can fail for several reasons. */
      type: "source-failed";
      failure: IngestFailure;
    }
  | ({
      /** The last event of a source: the report has counted it, and its claim is released. */
      type: "source-ended";
    } & SourceEnd);

/** Reports a step of one source. */
export type SourceEvent = SourceStep & {
  /** What the user named. */
  source: string;
  /** Id of the document. */
  doc_id: string;
};

/** Reports what a run does, for progress displays and logs. */
export type IngestEvent = ReadyEvent | SourceEvent;

export type IngestEventListener = (event: IngestEvent) => void;
