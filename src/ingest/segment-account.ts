import { type FilterReason, filterReason, type SegmentFilter, withFlag } from "../documents/filter.js";
import type { SegmentDocument, SplitDocument } from "../documents/metadata.js";
import { flagReason } from "../documents/policies.js";
import { UnsiloedError } from "../errors.js";
import type { SourceTally } from "./report.js";

export const indicesOf = (splits: Iterable<SplitDocument>): Set<number> =>
  new Set([...splits].flatMap((split) => split.metadata.segment_indices));

const increment = (counts: Map<string, number>, reason: string): void => {
  counts.set(reason, (counts.get(reason) ?? 0) + 1);
};

/** What becomes of the segments of one source, each counted where it happens, so that a check of the sum can fail. */
export class SegmentAccount {
  readonly #filter: SegmentFilter;
  readonly #filtered = new Map<string, number>();
  readonly #flagged = new Map<string, number>();
  #total = 0;
  /** Segments that are meant for the store. */
  #kept = 0;
  #stored = 0;
  #failed = 0;

  constructor(filter: SegmentFilter) {
    this.#filter = filter;
  }

  get total(): number {
    return this.#total;
  }

  get tally(): SourceTally {
    return {
      total: this.#total,
      stored: this.#stored,
      filtered: this.#filtered,
      flagged: this.#flagged,
      failed: this.#failed,
    };
  }

  /** Counts a segment that was read. @returns the segment, flagged where a policy says so, if it is kept */
  read(document: SegmentDocument): SegmentDocument | undefined {
    this.#total += 1;
    const reason = filterReason(document, this.#filter);
    if (reason === null) {
      this.#kept += 1;
      return withFlag(document, this.#filter);
    }
    this.#leaveOut(reason);
    return undefined;
  }

  /**
   * A splitter that drops a segment with text would lose it for good: better to fail the source. Segments that have
   * no text, and no caption that would stand for it, are left out here if they were not before.
   */
  split(kept: readonly SegmentDocument[], splits: readonly SplitDocument[]): void {
    const present = indicesOf(splits);
    const known = new Set(kept.map(({ metadata }) => metadata.segment_index));
    const foreign = [...present].find((index) => !known.has(index));
    if (foreign !== undefined || known.size !== kept.length) {
      const wrong = foreign === undefined ? "two segments have one index" : `no segment has index ${foreign}`;
      throw new UnsiloedError("INVARIANT", `the splits and the segments do not fit together: ${wrong}`);
    }
    const absent = kept.filter(({ metadata }) => !present.has(metadata.segment_index));
    const lost = absent.filter(({ pageContent }) => pageContent.trim() !== "");
    const [first] = lost;
    if (first) {
      const { segment_index, page_number } = first.metadata;
      throw new UnsiloedError(
        "INVARIANT",
        `the splitter dropped ${lost.length} segments, the first is segment ${segment_index} on page ${page_number}`,
      );
    }
    for (const _ of absent) {
      this.#kept -= 1;
      this.#leaveOut("empty");
    }
    for (const document of kept) {
      const reason = present.has(document.metadata.segment_index) ? flagReason(document) : null;
      if (reason !== null) increment(this.#flagged, reason);
    }
  }

  /** Counts what is in the store now. @param failed splits that are not */
  stored(splits: readonly SplitDocument[], failed: readonly SplitDocument[] = []): void {
    const incomplete = indicesOf(failed);
    this.#stored = [...indicesOf(splits)].filter((index) => !incomplete.has(index)).length;
    this.#failed = incomplete.size;
  }

  /** Nothing of the source came to the store. */
  fail(): void {
    this.#failed = this.#kept - this.#stored;
  }

  #leaveOut(reason: FilterReason): void {
    increment(this.#filtered, reason);
  }
}
