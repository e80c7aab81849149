import type { SegmentDocument, SplitDocument } from "./metadata.js";

export interface SplitOptions {
  signal?: AbortSignal | undefined;
}

/** The segments of one call on their way to a splitter, handed over as they are read. */
export interface SplitRun {
  /** Takes the next segments; word boxes need not be held any longer by the caller. */
  add(documents: readonly SegmentDocument[]): void;
  /** The splits of everything that was added, as of {@link DocumentSplitter.transformDocuments}. */
  finish(options?: SplitOptions): Promise<SplitDocument[]>;
}

/** Turns segment Documents into splits and keeps their order: `SegmentSplitter`, or a transformer of your own. */
export interface DocumentSplitter {
  /**
   * Changes whenever the same segments would be split in another way. Without it, a run cannot tell whether an
   * unchanged document would be split as before, and splits it again.
   */
  readonly fingerprint?: string;
  /** Whether word boxes may come as `metadata.packed_ocr`, in place of `metadata.ocr`. @default false */
  readonly takesPackedWords?: boolean;
  /** Takes segments as they are read, where that spares memory. */
  open?(): SplitRun;
  transformDocuments(documents: SegmentDocument[], options?: SplitOptions): Promise<SplitDocument[]>;
}

type Split = (documents: SegmentDocument[], options: SplitOptions) => Promise<SplitDocument[]>;

/** Collects the segments, for splitters that take them all at once. */
export class CollectingRun implements SplitRun {
  readonly #split: Split;
  readonly #documents: SegmentDocument[] = [];

  constructor(split: Split) {
    this.#split = split;
  }

  add(documents: readonly SegmentDocument[]): void {
    for (const document of documents) this.#documents.push(document);
  }

  finish(options: SplitOptions = {}): Promise<SplitDocument[]> {
    return this.#split(this.#documents, options);
  }
}

/** Opens a splitter of either kind: one that takes segments as they are read, or one that takes all at once. */
export const openSplitter = (splitter: DocumentSplitter): SplitRun =>
  splitter.open?.() ??
  new CollectingRun((documents, options) => splitter.transformDocuments(documents, options));
