import { type FilterReason, filterReason, type SegmentFilter, withFlag } from "../../documents/filter.js";
import type { SegmentDocument, SplitDocument } from "../../documents/metadata.js";
import { flagReason } from "../../documents/policies.js";
import { UnsiloedError } from "../../errors.js";
import type { SourceTally } from "../run/report.js";

export const indicesOf = (splits: Iterable<SplitDocument>): Set<number> =>
  new Set([...splits].flatMap((split) => split.metadata.segment_indices));

const increment = (counts: Map<string, number>, reason: string): void => {
  counts.set(reason, (counts.get(reason) ?? 0) + 1);
};

/** As much of a segment as its account needs: words and text are let go of. */
interface KeptSegment {
  index: number;
  page: number;
  isBlank: boolean;
  flag: string | null;
}

/** What becomes of the segments of one source, each counted where it happens, so that a check of the sum can fail. */
export class SegmentAccount {
  readonly #filter: SegmentFilter;
  readonly #filtered = new Map<string, number>();
  readonly #flagged = new Map<string, number>();
  #total = 0;
  /** Segments that are meant for the store. */
  #kept = 0;
  /** What splitting has to account for. */
  #unsplit: KeptSegment[] = [];
  #stored = 0;
  #failed = 0;

  constructor(filter: SegmentFilter) {
    this.#filter = filter;
  }

  get total(): number {
    return this.#total;
  }

  /** Segments that are meant for the store, as far as is known. */
  get kept(): number {
    return this.#kept;
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
      const kept = withFlag(document, this.#filter);
      const { segment_index: index, page_number: page } = kept.metadata;
      const isBlank = kept.pageContent.trim() === "";
      this.#unsplit.push({ index, page, isBlank, flag: flagReason(kept) });
      return kept;
    }
    this.#leaveOut(reason);
    return undefined;
  }

  /**
   * A splitter that drops a segment with text would lose it for good: better to fail the source. Segments that have
   * no text, and no caption that would stand for it, are left out here if they were not before.
   */
  split(splits: readonly SplitDocument[]): void {
    const present = indicesOf(splits);
    const kept = this.#unsplit;
    this.#unsplit = [];
    const known = new Set(kept.map(({ index }) => index));
    const foreign = [...present].find((index) => !known.has(index));
    if (foreign !== undefined || known.size !== kept.length) {
      const wrong = foreign === undefined ? "two segments have one index" : `no segment has index ${foreign}`;
      throw new UnsiloedError("INVARIANT", `the splits and the segments do not fit together: ${wrong}`);
    }
    const lost = kept.filter(({ index, isBlank }) => !isBlank && !present.has(index));
    const [first] = lost;
    if (first)
      throw new UnsiloedError(
        "INVARIANT",
        `the splitter dropped ${lost.length} segments, the first is segment ${first.index} on page ${first.page}`,
      );
    for (const { index, flag } of kept) {
      if (present.has(index)) {
        if (flag !== null) increment(this.#flagged, flag);
      } else {
        this.#kept -= 1;
        this.#leaveOut("empty");
      }
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
