import { FILTER_REASONS, type FilterReason, filterReason, withFlag } from "../src/documents/filter.js";
import type { SegmentDocument } from "../src/documents/metadata.js";
import {
  FLAG_REASONS,
  type FlagReason,
  flagReason,
  MAX_NAMED,
  nameSegment,
} from "../src/documents/policies.js";
import { addContext, UnsiloedError } from "../src/errors.js";
import { abortError } from "../src/internal/async/clock.js";
import type { JobStatus } from "../src/parse-api/job-status.js";
import type { LoaderSettings, LoadFailure } from "./loader-options.js";
import type { ParsedSource } from "./parsed-source.js";

/** Segments of the sources read so far: `total = kept + filtered`. */
export interface LoadCounts {
  total: number;
  kept: number;
  /** How many were left out, per reason. */
  filtered: Record<FilterReason, number>;
  /** How many of those kept are flagged, by a policy or because their page is not known, per reason. */
  flagged: Record<FlagReason, number>;
  /** The segments whose page is not known, by source and position; at most 1,000. */
  unknownPages: string[];
}

export const emptyCounts = (): LoadCounts => ({
  total: 0,
  kept: 0,
  filtered: { page_header: 0, page_footer: 0, empty: 0, low_confidence: 0, unknown_confidence: 0 },
  flagged: { low_confidence: 0, unknown_confidence: 0, unknown_page: 0 },
  unknownPages: [],
});

/** One call of `load` or `lazyLoad`: what it counted, what failed, and the signal that ends its waits. */
export class LoadRun {
  readonly counts = emptyCounts();
  readonly failures: LoadFailure[] = [];
  readonly #settings: LoaderSettings;
  readonly #signal: AbortSignal | undefined;
  readonly #waits = new AbortController();
  readonly #onAbort = () => this.#waits.abort(this.#signal?.reason);

  constructor(settings: LoaderSettings, signal: AbortSignal | undefined) {
    this.#settings = settings;
    this.#signal = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get stopped(): boolean {
    return this.#waits.signal.aborted;
  }

  /** Ends all waits for jobs. Submissions in flight are let through, so that no paid job is lost sight of. */
  stop(): void {
    this.#waits.abort(new UnsiloedError("ABORTED", "no longer waited for: loading ended early"));
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  throwIfAborted(): void {
    if (this.#signal?.aborted) throw abortError(this.#signal);
  }

  /** Submits a source, if need be, and waits for its job. */
  finishJob(source: ParsedSource): Promise<JobStatus | undefined> {
    return source.finishJob({ signal: this.#signal, waitSignal: this.#waits.signal });
  }

  /** The Documents of a source whose job has ended, as far as the filter keeps them. */
  async *documents(
    source: ParsedSource,
    job: JobStatus | undefined,
    counts: LoadCounts,
  ): AsyncGenerator<SegmentDocument> {
    const { filter } = this.#settings;
    for await (const document of source.documents(job, { signal: this.#waits.signal })) {
      counts.total += 1;
      const reason = filter ? filterReason(document, filter) : null;
      if (reason) counts.filtered[reason] += 1;
      else {
        counts.kept += 1;
        const kept = filter ? withFlag(document, filter) : document;
        const flag = flagReason(kept);
        if (flag) counts.flagged[flag] += 1;
        if (flag === "unknown_page" && counts.unknownPages.length < MAX_NAMED)
          counts.unknownPages.push(nameSegment(document));
        yield kept;
      }
    }
  }

  /** Counts a source that was read to its end. */
  add(counts: LoadCounts): void {
    this.counts.total += counts.total;
    this.counts.kept += counts.kept;
    for (const reason of FILTER_REASONS) this.counts.filtered[reason] += counts.filtered[reason];
    for (const reason of FLAG_REASONS) this.counts.flagged[reason] += counts.flagged[reason];
    const room = MAX_NAMED - this.counts.unknownPages.length;
    this.counts.unknownPages.push(...counts.unknownPages.slice(0, room));
  }

  /** Records a failure. @returns the error, in the form it is thrown */
  fail(source: ParsedSource, thrown: unknown): UnsiloedError {
    const error = addContext(thrown, { source: source.source });
    const { jobId } = error.context;
    // A saved result that was not read to its end, as loading ended, has not failed.
    if (error.code === "ABORTED" && jobId === undefined && this.stopped) return error;
    const failure = {
      source: source.source,
      docId: source.docId,
      error,
      ...(jobId !== undefined && { jobId }),
    };
    this.failures.push(failure);
    this.#settings.onFailure?.(failure);
    return error;
  }
}
