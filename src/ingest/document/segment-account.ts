import { type FilterReason, filterReason, type SegmentFilter, withFlag } from "../../documents/filter.js";
import type { SegmentDocument, SplitDocument } from "../../documents/metadata.js";
import { flagReason, MAX_NAMED, nameSegment } from "../../documents/policies.js";
import { UnsiloedError } from "../../errors.js";
import type { SourceTally } from "../run/report.js";

export const indicesOf = (splits: Iterable<SplitDocument>): Set<number> =>
  new Set([...splits].flatMap((split) => split.metadata.segment_indices));

const increment = (counts: Map<string, number>, reason: string): void => {
  counts.set(reason, (counts.get(reason) ?? 0) + 1);
};

/** As much of a segment as its account needs, without words and text. */
interface KeptSegment {
  index: number;
  page: number;
  isBlank: boolean;
  flag: string | null;
}

/** Counts what becomes of the segments of one source, each where it happens, so that a check of the sum can fail. */
export class SegmentAccount {
  readonly #filter: SegmentFilter;
  readonly #filtered = new Map<string, number>();
  readonly #flagged = new Map<string, number>();
  readonly #unknownPages: string[] = [];
  #total = 0;
  /** Segments that are meant for the store. */
  #kept = 0;
  /** Segments that the splits have to account for. */
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
      unknownPages: this.#unknownPages,
      failed: this.#failed,
    };
  }

  /** Counts a segment that was read. @returns the segment if it is kept, flagged where a policy says so */
  read(document: SegmentDocument): SegmentDocument | undefined {
    this.#total += 1;
    const reason = filterReason(document, this.#filter);
    if (reason === null) {
      this.#kept += 1;
      const kept = withFlag(document, this.#filter);
      const { segment_index: index, page_number: page } = kept.metadata;
      const isBlank = kept.pageContent.trim() === "";
      const flag = flagReason(kept);
      if (flag === "unknown_page" && !isBlank && this.#unknownPages.length < MAX_NAMED)
        this.#unknownPages.push(nameSegment(kept));
      this.#unsplit.push({ index, page, isBlank, flag });
      return kept;
    }
    this.#leaveOut(reason);
    return undefined;
  }

  /**
   * Counts what was split, and fails the source when the splitter dropped a segment with text, which would be lost for
   * good. Segments that have neither text nor a caption in its place are left out here.
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
    if (first) {
      const segments = lost.length === 1 ? "1 segment" : `${lost.length} segments`;
      const where = `segment ${first.index} on page ${first.page}`;
      throw new UnsiloedError("INVARIANT", `the splitter dropped ${segments}; the first is ${where}`);
    }
    for (const { index, flag } of kept) {
      if (present.has(index)) {
        if (flag !== null) increment(this.#flagged, flag);
      } else {
        this.#kept -= 1;
        this.#leaveOut("empty");
      }
    }
  }

  /** Counts the segments that are in the store now. @param failed splits that are not */
  stored(splits: readonly SplitDocument[], failed: readonly SplitDocument[] = []): void {
    const incomplete = indicesOf(failed);
    this.#stored = [...indicesOf(splits)].filter((index) => !incomplete.has(index)).length;
    this.#failed = incomplete.size;
  }

  /** Counts all segments as failed that are not in the store. */
  fail(): void {
    this.#failed = this.#kept - this.#stored;
  }

  #leaveOut(reason: FilterReason): void {
    increment(this.#filtered, reason);
  }
}
