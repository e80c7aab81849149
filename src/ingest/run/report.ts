import { MAX_NAMED } from "../../documents/policies.js";
import { type ErrorCode, UnsiloedError } from "../../errors.js";
import type { Stage } from "../../ledger/record.js";
import type { ParsingCosts } from "./run-credits.js";

/** Why a source failed. */
export interface IngestFailure {
  /** What the user named. */
  source: string;
  /** Id of the document. */
  doc_id: string;
  /** Where it failed. */
  stage: Stage;
  /** What failed; stable, so that programs can branch on it. */
  code: ErrorCode;
  /** One line that says what to do. */
  message: string;
}

/** A document that was not submitted, because its cost would have passed the limit. */
export interface LeftOut {
  /** What the user named. */
  source: string;
  /** Id of the document. */
  doc_id: string;
  /** Why it was left out, with its estimated cost. */
  message: string;
}

/** Tells what a run did. Every segment that was read is in exactly one of `stored`, `filtered` and `failed`. */
export interface IngestReport {
  /** How the sources ended. */
  sources: {
    /** `succeeded` + `failed` + `unfinished`. */
    total: number;
    /** The store holds them as they are now. */
    succeeded: number;
    /** How many succeeded sources needed no work, according to the ledger. */
    unchanged: number;
    /** How many sources took the parse of another document with the same content, so that nothing was submitted. */
    reused: number;
    /** At least one failure is in `failures`. */
    failed: number;
    /** Not begun or not finished, because the run was stopped; the next run continues with them. */
    unfinished: number;
  };
  /** Failures, at most 10,000; a source can have several. `sources.failed` counts all sources that failed. */
  failures: IngestFailure[];
  /** The failure that stopped the run, or its submissions, because all other sources would have met it. */
  stopped: Pick<IngestFailure, "stage" | "code" | "message"> | null;
  /** What was submitted, and what that cost by the answers of the service. */
  parsing: ParsingCosts;
  /** What was not submitted because of `maxCredits`, at most 10,000; all is counted in `sources.unfinished`. */
  left_out: LeftOut[];
  /** How many more there were than the two lists hold. */
  omitted: { failures: number; left_out: number };
  /** What became of the segments. */
  segments: {
    /** Segments that were read, or that the ledger tells of unchanged documents. */
    total: number;
    /** Segments whose text is in the store. */
    stored: number;
    /** How many were left out, by reason: `page_header`, `page_footer`, `empty`, `low_confidence`, `unknown_confidence`. */
    filtered: Record<string, number>;
    /** How many of the others are flagged, by reason: `low_confidence`, `unknown_confidence`, `unknown_page`. */
    flagged: Record<string, number>;
    /** The segments read in this run whose page the service did not give, by source and position; at most 1,000. */
    unknown_pages: string[];
    /** Segments that could not be embedded or stored. */
    failed: number;
  };
  /** LangChain Documents that the splitter made. */
  documents: number;
  /** What became of the points. */
  points: {
    /** Points written, those included that replaced an older version. */
    upserted: number;
    /** Points that were in the store already. */
    unchanged: number;
    /** Points whose text is no longer in their document. */
    deleted: number;
  };
  /** Where the points are. */
  store: string;
  /** The embedding model and the length of its vectors. */
  embeddings: string;
  /** How long the run took, in milliseconds. */
  duration_ms: number;
}

/** How many failures a report lists: a run may be of millions of documents. */
const MOST_LISTED = 10_000;

/** Adds to a list up to {@link MOST_LISTED}. @returns how many did not fit */
const addListed = <T>(list: T[], items: readonly T[]): number => {
  const fitting = items.slice(0, MOST_LISTED - list.length);
  list.push(...fitting);
  return items.length - fitting.length;
};

export type ReportedOutcome = "stored" | "unchanged" | "failed" | "unfinished";

/** Counts what became of the segments of one source. */
export interface SourceTally {
  total: number;
  stored: number;
  filtered: ReadonlyMap<string, number>;
  flagged: ReadonlyMap<string, number>;
  unknownPages?: readonly string[];
  failed: number;
}

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);

const addCounts = (sums: Map<string, number>, counts: ReadonlyMap<string, number>): void => {
  for (const [reason, count] of counts) sums.set(reason, (sums.get(reason) ?? 0) + count);
};

/**
 * Adds up what a run did, and refuses sums that do not balance.
 *
 * @throws UnsiloedError `INVARIANT` when a segment would be counted nowhere or twice
 */
export class ReportBuilder {
  readonly #failures: IngestFailure[] = [];
  readonly #leftOut: LeftOut[] = [];
  readonly #omitted = { failures: 0, left_out: 0 };
  readonly #segments = { total: 0, stored: 0, failed: 0 };
  readonly #filtered = new Map<string, number>();
  readonly #flagged = new Map<string, number>();
  readonly #unknownPages: string[] = [];
  readonly #points = { upserted: 0, unchanged: 0, deleted: 0 };
  readonly #sources = { stored: 0, unchanged: 0, failed: 0, unfinished: 0 };
  #documents = 0;
  #reused = 0;

  addSource(
    outcome: ReportedOutcome,
    tally: SourceTally,
    failures: readonly IngestFailure[],
    source: string,
  ): void {
    const accounted = tally.stored + tally.failed + sum(tally.filtered.values());
    if (accounted !== tally.total) {
      throw new UnsiloedError(
        "INVARIANT",
        `${source}: ${tally.total} segments were read, but ${accounted} are accounted for`,
        { source },
      );
    }
    const flagged = sum(tally.flagged.values());
    if (flagged > tally.stored + tally.failed) {
      throw new UnsiloedError(
        "INVARIANT",
        `${source}: ${flagged} segments are flagged, but only ${tally.stored + tally.failed} were kept`,
        { source },
      );
    }
    this.#sources[outcome] += 1;
    this.#omitted.failures += addListed(this.#failures, failures);
    this.#segments.total += tally.total;
    this.#segments.stored += tally.stored;
    this.#segments.failed += tally.failed;
    addCounts(this.#filtered, tally.filtered);
    addCounts(this.#flagged, tally.flagged);
    this.#unknownPages.push(...(tally.unknownPages ?? []).slice(0, MAX_NAMED - this.#unknownPages.length));
  }

  /** Counts a source that took the parse of another document. */
  addReused(): void {
    this.#reused += 1;
  }

  addLeftOut(leftOut: LeftOut): void {
    this.#omitted.left_out += addListed(this.#leftOut, [leftOut]);
  }

  addDocuments(count: number): void {
    this.#documents += count;
  }

  addPoints(points: Partial<IngestReport["points"]>): void {
    this.#points.upserted += points.upserted ?? 0;
    this.#points.unchanged += points.unchanged ?? 0;
    this.#points.deleted += points.deleted ?? 0;
  }

  build({
    stopped,
    parsing,
    ...run
  }: Pick<IngestReport, "stopped" | "parsing" | "store" | "embeddings" | "duration_ms">): IngestReport {
    const { stored, unchanged, failed, unfinished } = this.#sources;
    const succeeded = stored + unchanged;
    return {
      sources: {
        total: succeeded + failed + unfinished,
        succeeded,
        unchanged,
        reused: this.#reused,
        failed,
        unfinished,
      },
      failures: this.#failures,
      stopped,
      parsing,
      left_out: [...this.#leftOut],
      omitted: { ...this.#omitted },
      segments: {
        total: this.#segments.total,
        stored: this.#segments.stored,
        filtered: Object.fromEntries([...this.#filtered].sort()),
        flagged: Object.fromEntries([...this.#flagged].sort()),
        unknown_pages: [...this.#unknownPages],
        failed: this.#segments.failed,
      },
      documents: this.#documents,
      points: { ...this.#points },
      ...run,
    };
  }
}
