import { type FilterReason, filterReason, type SegmentFilter } from "../documents/filter.js";
import type { SegmentDocument, SplitDocument } from "../documents/metadata.js";
import { UnsiloedError } from "../errors.js";
import type { SourceTally } from "./report.js";

export const indicesOf = (splits: Iterable<SplitDocument>): Set<number> =>
  new Set([...splits].flatMap((split) => split.metadata.segment_indices));

/** What becomes of the segments of one source, each counted where it happens, so that a check of the sum can fail. */
export class SegmentAccount {
  readonly #filter: SegmentFilter;
  readonly #filtered = new Map<string, number>();
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
      failed: this.#failed,
    };
  }

  /** Counts a segment that was read. @returns whether it is kept */
  read(document: SegmentDocument): boolean {
    this.#total += 1;
    const reason = filterReason(document, this.#filter);
    if (reason === null) this.#kept += 1;
    else this.#leaveOut(reason);
    return reason === null;
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
    this.#filtered.set(reason, (this.#filtered.get(reason) ?? 0) + 1);
  }
}
