import type { SegmentDocument, SplitDocument } from "./metadata.js";

/** Whatever turns segment Documents into splits, order kept: `SegmentSplitter`, or a transformer of your own. */
export interface DocumentSplitter {
  transformDocuments(documents: SegmentDocument[]): Promise<SplitDocument[]>;
}
