import type { SegmentDocument, SplitDocument } from "./metadata.js";

export interface SplitOptions {
  signal?: AbortSignal | undefined;
}

/** Whatever turns segment Documents into splits, order kept: `SegmentSplitter`, or a transformer of your own. */
export interface DocumentSplitter {
  /**
   * Changes whenever the same segments would be split in another way. Without it, a run cannot tell whether an
   * unchanged document would be split as before, and splits it again.
   */
  readonly fingerprint?: string;
  /** Gets ready, such as by starting threads; called while there is nothing else to do. */
  prepare?(): void;
  transformDocuments(documents: SegmentDocument[], options?: SplitOptions): Promise<SplitDocument[]>;
}
