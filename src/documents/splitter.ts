import type { SegmentDocument, SplitDocument } from "./metadata.js";

/** Whatever turns segment Documents into splits, order kept: `SegmentSplitter`, or a transformer of your own. */
export interface DocumentSplitter {
  /**
   * Changes whenever the same segments would be split in another way. Without it, a run cannot tell whether an
   * unchanged document would be split as before, and splits it again.
   */
  readonly fingerprint?: string;
  transformDocuments(documents: SegmentDocument[]): Promise<SplitDocument[]>;
}
