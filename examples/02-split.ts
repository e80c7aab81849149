// Split by structure: text by section, tables by whole rows with their header, captions on their own.
import { embeddingText, SegmentSplitter } from "unsiloed-ingest";
import { UnsiloedResultLoader } from "unsiloed-ingest/loaders";
import { SAMPLE_RESULT } from "./support/offline.js";

const loader = new UnsiloedResultLoader(SAMPLE_RESULT, { filter: {} });
const splitter = new SegmentSplitter({ chunkSize: 200, chunkOverlap: 20 });
const splits = await splitter.invoke(await loader.load());

for (const { pageContent, metadata } of splits) {
  const { segment_type, page_number, part_index, part_count, row_start, row_end } = metadata;
  const rows = row_start === undefined ? "" : ` rows ${row_start}-${row_end}`;
  console.log(`--- ${segment_type}, page ${page_number}, part ${part_index + 1}/${part_count}${rows}`);
  console.log(pageContent);
}
const [first] = splits;
if (first) console.log(`\nWhat is embedded of the first:\n${embeddingText(first)}`);
