import { rm } from "node:fs/promises";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { embeddingText } from "../../src/documents/embedding-text.js";
import type { SegmentDocument } from "../../src/documents/metadata.js";
import { RequestLoad, weighTexts } from "../../src/embeddings/openai/requests/packing.js";
import { forEachConcurrently } from "../../src/internal/async/concurrency.js";
import { batches } from "../../src/internal/batching.js";
import { countTokens } from "../../src/internal/text/tokens.js";
import { searchSegments } from "../../src/retrieval/search.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { pointsBodies } from "../../src/stores/qdrant/points/points-body.js";
import type { Point } from "../../src/stores/sink.js";
import { idOf } from "../../test/support/sink-data.js";
import { Random } from "../support/random.js";
import { DIMENSIONS, MOST_INPUTS, MOST_TOKENS } from "./services/latencies.js";
import { makeTable } from "./workload.js";

/** A stage of the pipeline, which is run repeatedly on the same input. */
export interface Stage {
  name: string;
  unit: string;
  /** How many units one run processes. */
  count: number;
  work: () => Promise<unknown> | unknown;
}

const TABLE_ROWS = 100;
/** Tables in each document, enough for a measurable run. */
const TABLES = 10;

const read = async (files: readonly string[], words: boolean): Promise<SegmentDocument[]> => {
  const documents: SegmentDocument[] = [];
  for (const file of files)
    documents.push(...(await new UnsiloedResultLoader(file, { docId: file, words }).load()));
  return documents;
};

/** The same with packed word boxes, as a run reads them. */
const readPacked = async (files: readonly string[]): Promise<number> => {
  let segments = 0;
  for (const file of files)
    for await (const source of new UnsiloedResultLoader(file, { docId: file, words: true }).sources())
      for await (const _ of source.read({ packWords: true })) segments += 1;
  return segments;
};

const isText = ({ metadata }: SegmentDocument): boolean => metadata.segment_type !== "Table";

/** Returns tables as the loader reads them. */
const tablesOf = (count: number, like: SegmentDocument): SegmentDocument[] => {
  const random = new Random(1);
  return Array.from({ length: count }, (_, index) => {
    const { html, markdown } = makeTable(TABLE_ROWS, random);
    const own = {
      segment_type: "Table" as const,
      segment_index: index,
      html,
      section_path: [`Lot ${index}`],
    };
    return { ...like, pageContent: markdown, metadata: { ...like.metadata, ...own } };
  });
};

const vectorOf = (random: Random): number[] =>
  Array.from({ length: DIMENSIONS }, () => Math.fround((random.next() - 0.5) / 20));

/** Packs texts into requests that are as full as the limits allow. */
const packTexts = (texts: readonly string[]): RequestLoad[] => {
  const loads: RequestLoad[] = [];
  for (const text of weighTexts(texts, 8_192, countTokens)) {
    if (loads.at(-1)?.add(text)) continue;
    const load = new RequestLoad({ maxInputs: MOST_INPUTS, maxRequestTokens: MOST_TOKENS });
    load.add(text);
    loads.push(load);
  }
  return loads;
};

/** Lists the stages with the contents of the files as input. @param directory for LanceDB; removed before each run */
export const stagesOf = async (files: readonly string[], directory: string): Promise<Stage[]> => {
  const withWords = (await read(files, true)).filter(isText);
  const segments = await read(files, false);
  const texts = segments.filter(isText);
  const [like] = texts;
  if (!like) throw new Error("the documents have no text");
  const tables = tablesOf(files.length * TABLES, like);
  const splitter = new SegmentSplitter();
  const splits = await splitter.transformDocuments(segments);
  const embedded = splits.map(embeddingText);
  const random = new Random(2);
  const points = splits.map(
    ({ pageContent, metadata }, index): Point => ({
      id: idOf(index),
      vector: vectorOf(random),
      content: pageContent,
      lexical: pageContent,
      metadata: { ...metadata, version: "v1" },
    }),
  );
  const layout = { payload: "langchain-js", dense: "", sparse: "bm25", bm25: {} } as const;
  const sink = new LanceDbSink({ directory });
  const query = vectorOf(random);
  const spec = { dimensions: DIMENSIONS, model: "bench" };
  await rm(directory, { recursive: true, force: true });
  await sink.prepare(spec);
  return [
    {
      name: "reading, with word boxes",
      unit: "segments",
      count: segments.length,
      work: () => read(files, true),
    },
    {
      name: "reading, with word boxes as numbers",
      unit: "segments",
      count: segments.length,
      work: () => readPacked(files),
    },
    { name: "reading, without", unit: "segments", count: segments.length, work: () => read(files, false) },
    {
      name: "splitting text",
      unit: "segments",
      count: texts.length,
      work: () => splitter.transformDocuments(texts),
    },
    {
      name: "splitting text, with word boxes",
      unit: "segments",
      count: withWords.length,
      work: () => splitter.transformDocuments(withWords),
    },
    {
      name: "splitting tables",
      unit: "rows",
      count: tables.length * TABLE_ROWS,
      work: () => splitter.transformDocuments(tables),
    },
    {
      name: "counting tokens",
      unit: "segments",
      count: texts.length,
      work: () => texts.map(({ pageContent }) => countTokens(pageContent)),
    },
    {
      name: "packing texts",
      unit: "splits",
      count: embedded.length,
      work: () => packTexts(embedded),
    },
    {
      name: "serialising points",
      unit: "points",
      count: points.length,
      work: () => [...pointsBodies(points, layout, { maxCount: 128, maxBytes: 8 * 1024 * 1024 })].length,
    },
    { name: "LanceDB upsert", unit: "points", count: points.length, work: () => sink.upsert(points) },
    {
      name: "LanceDB upsert, 10 points at a time, 4 at once",
      unit: "points",
      count: points.length,
      work: () =>
        forEachConcurrently(batches(points, { maxCount: 10 }), 4, async (few) => {
          await sink.upsert(few);
        }),
    },
    {
      name: "LanceDB search, hybrid",
      unit: "searches",
      count: 1,
      work: () =>
        searchSegments(
          { sink, embeddings: { embedQuery: async () => query, embedDocuments: async () => [] } },
          "notice period of the lease",
        ),
    },
  ];
};
