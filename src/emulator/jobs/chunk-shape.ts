import { JsonScanner } from "../../internal/json/scanner.js";
import { isRecord } from "../../internal/objects.js";
import { CellReferences } from "./cell-references.js";
import { TableMerger } from "./merge-tables.js";
import { NO_LIMITS, type SavedChunk, type SavedSegment } from "./saved-result.js";

/** How the chunks of an answer differ from the saved ones. Empty when they do not. */
export interface ChunkShape {
  /** Lists of segment types; a segment must be in each of them. */
  keepTypes?: readonly (readonly string[])[];
  /** Joins tables that go on on the next page. */
  mergeTables?: true;
  /** Leaves out what `response_profile=slim` leaves out. */
  slim?: true;
  /** Names the types that `segmentation_version=v2` adds as `v1` would. */
  version1?: true;
  /** Says which cells of a workbook each segment was read from, where the saved result does not. */
  cellReferences?: true;
  /** Stops after so many chunks. */
  first?: number;
}

const SLIM = ["content", "image", "ocr", "confidence", "chart_data", "page_width", "page_height"];

/** Types that `segmentation_version=v2` adds, with what they are without it. */
const VERSION_1: Readonly<Record<string, string>> = {
  KeyValuePair: "Text",
  Signature: "Picture",
  Seal: "Picture",
};

/** Folds the name of a segment type, so that `Section Header` and `sectionheader` are one. */
const fold = (type: unknown): string =>
  String(type)
    .toLowerCase()
    .replace(/[^a-z]/g, "");

const isChunk = (value: unknown): value is SavedChunk =>
  isRecord(value) && Array.isArray(value["segments"]) && value["segments"].every(isRecord);

const shapeSegment = (segment: SavedSegment, { slim, version1 }: ChunkShape): SavedSegment => {
  const shaped = { ...segment };
  if (slim) for (const field of SLIM) delete shaped[field];
  const older = version1 && VERSION_1[String(segment["segment_type"])];
  if (older) shaped["segment_type"] = older;
  return shaped;
};

/** Applies what concerns one chunk alone. @returns `undefined` for a chunk that keeps no segment */
const shapeChunk = (chunk: SavedChunk, shape: ChunkShape): SavedChunk | undefined => {
  const keep = shape.keepTypes?.map((types) => new Set(types.map(fold))) ?? [];
  const shaped = chunk.segments.map((segment) => shapeSegment(segment, shape));
  const segments = shaped.filter((segment) =>
    keep.every((types) => types.has(fold(segment["segment_type"]))),
  );
  return segments.length === 0 && chunk.segments.length > 0 ? undefined : { ...chunk, segments };
};

const KEY = '{"chunks":';

/** Takes the JSON text of chunks apart. Yields the text of each, or of the whole when it is no list. */
async function* chunkTexts(
  source: AsyncIterable<Buffer>,
): AsyncGenerator<{ text: string; isChunk: boolean }> {
  const scanner = new JsonScanner([{ key: "chunks", how: "elements" }], NO_LIMITS);
  let isList = false;
  const read = function* (piece: Buffer) {
    for (const event of scanner.scan(piece)) {
      if (event.type === "begin") isList = true;
      else if (event.type === "value" && event.level === 1) yield { text: event.text, isChunk: true };
      else if (event.type === "value" && !isList)
        yield { text: event.text.slice(KEY.length, -1), isChunk: false };
    }
  };
  yield* read(Buffer.from(KEY));
  for await (const piece of source) yield* read(piece);
  yield* read(Buffer.from("}"));
  scanner.end();
}

async function* shapedChunks(source: AsyncIterable<Buffer>, shape: ChunkShape): AsyncGenerator<unknown> {
  const merger = shape.mergeTables && new TableMerger();
  const references = shape.cellReferences && new CellReferences();
  for await (const { text } of chunkTexts(source)) {
    const saved: unknown = JSON.parse(text);
    if (!isChunk(saved)) {
      yield* merger?.end() ?? [];
      yield saved;
      continue;
    }
    const chunk = references?.add(saved) ?? saved;
    yield* merger ? merger.add(chunk) : [chunk];
  }
  yield* merger?.end() ?? [];
}

/** Changes the JSON text of chunks while it is streamed, one chunk at a time. */
export async function* shapeChunks(source: AsyncIterable<Buffer>, shape: ChunkShape): AsyncGenerator<Buffer> {
  if (Object.keys(shape).length === 0) {
    yield* source;
    return;
  }
  const { first = Number.POSITIVE_INFINITY } = shape;
  let count = 0;
  for await (const value of shapedChunks(source, shape)) {
    if (count >= first) break;
    const shaped = isChunk(value) ? shapeChunk(value, shape) : value;
    if (shaped === undefined) continue;
    yield Buffer.from(`${count === 0 ? "[" : ","}${JSON.stringify(shaped)}`);
    count += 1;
  }
  yield Buffer.from(count === 0 ? "[]" : "]");
}

/** What is known of chunks once they were looked through. */
export interface ChunkSurvey {
  /** How many there are; absent when they are no list. */
  count?: number;
  /** Highest page number of a segment. */
  lastPage?: number;
  /** Whether a segment has a `segment_type_display`. */
  hasDisplayNames: boolean;
}

/** Counts chunks and pages. */
export const surveyChunks = async (source: AsyncIterable<Buffer>): Promise<ChunkSurvey> => {
  let count = 0;
  let isList = true;
  let lastPage = 0;
  let hasDisplayNames = false;
  for await (const { text, isChunk: isElement } of chunkTexts(source)) {
    if (isElement) count += 1;
    else isList = false;
    for (const [, page] of text.matchAll(/"page_number"\s*:\s*(\d+)/g))
      lastPage = Math.max(lastPage, Number(page));
    hasDisplayNames ||= text.includes('"segment_type_display"');
  }
  return { ...(isList && { count }), ...(lastPage > 0 && { lastPage }), hasDisplayNames };
};
