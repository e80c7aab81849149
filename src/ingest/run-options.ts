import type { SegmentFilter } from "../documents/filter.js";
import type { DocumentSplitter } from "../documents/splitter.js";
import { sha256, stableJson } from "../internal/hashing.js";
import type { VectorSink } from "../stores/sink.js";

export interface ShapingOptions {
  model: string;
  dimensions: number;
  splitter: DocumentSplitter;
  filter: SegmentFilter;
  sink: Pick<VectorSink, "description">;
}

/** Hash of every option that changes the points; `null` where it cannot be told whether the splitter changed. */
export const hashOptions = ({ model, dimensions, splitter, filter, sink }: ShapingOptions): string | null => {
  const { fingerprint } = splitter;
  if (fingerprint === undefined) return null;
  const shaping = { model, dimensions, splitter: fingerprint, filter, store: sink.description };
  return sha256([stableJson(shaping)]).slice(0, 32);
};

/** Which segments a run stores. A picture without text may still have a caption, which only the splitter knows. */
export const storedFilter = (filter: Omit<SegmentFilter, "empty">): SegmentFilter => ({
  ...filter,
  empty: true,
});
