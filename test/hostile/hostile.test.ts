import { describe, expect, it } from "vitest";
import { Random } from "../../bench/support/random.js";
import { filterReason, segmentFilterSchema } from "../../src/documents/filter.js";
import type { SegmentDocument } from "../../src/documents/metadata.js";
import type { ParsedChunk } from "../../src/documents/result.js";
import { SegmentConverter } from "../../src/documents/to-document.js";
import { UnsiloedError } from "../../src/errors.js";
import { openResult } from "../../src/parse-api/results/in-memory.js";
import { DEFAULT_RESULT_LIMITS } from "../../src/parse-api/results/limits.js";
import { type ChunkPart, streamResult } from "../../src/parse-api/results/result-reader.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { inSlices, mutateBytes } from "../support/hostile/mutate-bytes.js";
import { mutateValue } from "../support/hostile/mutate-value.js";
import { SOUND_RESULTS } from "../support/hostile/results.js";
import { collect } from "../support/parse-service.js";
import { cases } from "../support/thorough.js";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1e9);
const MUTANTS = Number(process.env["MUTANTS"] ?? cases(3_000));
const BATCHES = 10;
const FILTER = segmentFilterSchema.parse({});
const LIMITS = { ...DEFAULT_RESULT_LIMITS, segmentBytes: 1_000_000 };

const SPLITTERS = [400, 40].map(
  (chunkSize) => new SegmentSplitter({ chunkSize, chunkOverlap: 10, threads: 0 }),
);

/** Reads and splits a damaged result, and checks that every segment is accounted for. @returns how it ended */
const drive = async (seed: number): Promise<"split" | "refused"> => {
  const random = new Random(seed);
  const bytes = mutateBytes(mutateValue(random.of(...SOUND_RESULTS), random), random);
  const words = random.chance(0.5);
  const documents: SegmentDocument[] = [];
  try {
    const { info, parts } = await open(bytes, random, words);
    const converter = new SegmentConverter({ source: "r", docId: "r", jobId: info.jobId, words });
    for await (const { chunkId, segments } of parts)
      for (const segment of segments) documents.push(converter.convert(segment, chunkId));
  } catch (thrown) {
    if (!(thrown instanceof UnsiloedError)) throw thrown;
    expect(["INVALID_RESULT", "INCOMPLETE_RESULT", "JOB_FAILED", "JOB_CANCELLED"]).toContain(thrown.code);
    expect(thrown.message).toMatch(/^r\.json: ./);
    expect(thrown.message.length).toBeLessThan(1_000);
    return "refused";
  }
  const kept = documents.filter((document) => filterReason(document, FILTER) === null);
  const splits = await (random.chance(0.5) ? SPLITTERS[0] : SPLITTERS[1])?.transformDocuments(kept);
  const accounted = new Set(splits?.flatMap(({ metadata }) => metadata.segment_indices));
  expect([...accounted].sort((a, b) => a - b)).toEqual(kept.map(({ metadata }) => metadata.segment_index));
  for (const { metadata, pageContent } of splits ?? []) {
    expect(pageContent.includes("\u0000") || /\p{Surrogate}/u.test(pageContent)).toBe(false);
    for (const { bbox } of metadata.boxes)
      for (const side of bbox ? Object.values(bbox) : []) expect(Math.abs(side)).toBeLessThan(1e7);
  }
  return "split";
};

const open = async (
  bytes: Uint8Array,
  random: Random,
  words: boolean,
  packWords: boolean = random.chance(0.5),
) => {
  const options = { name: "r.json", words, packWords, limits: LIMITS };
  const opened = await streamResult(inSlices(bytes, random), options);
  return { info: opened.info, parts: opened.parts };
};

const outcomeOf = async (read: () => Promise<AsyncIterable<ParsedChunk>>): Promise<unknown> => {
  try {
    return await collect(await read());
  } catch (thrown) {
    if (thrown instanceof UnsiloedError) return thrown.message.includes("nested") ? "nested" : thrown.code;
    throw thrown;
  }
};

async function* toChunks(parts: AsyncIterable<ChunkPart>): AsyncGenerator<ParsedChunk> {
  for await (const { chunkId, segments } of parts) yield { chunkId, segments };
}

describe(`damaged results (SEED=${SEED}, MUTANTS=${MUTANTS})`, () => {
  const ended = { split: 0, refused: 0 };

  it.each(Array.from({ length: BATCHES }, (_, batch) => batch))(
    "are refused with a clear error or accounted for to the last segment: batch %i",
    async (batch) => {
      for (let index = batch; index < MUTANTS; index += BATCHES) {
        const seed = (SEED + index) >>> 0;
        try {
          ended[await drive(seed)] += 1;
        } catch (cause) {
          throw new Error(`SEED=${seed} MUTANTS=1 fails`, { cause });
        }
      }
    },
  );

  it("include results that are split and results that are refused", () => {
    expect(ended.split + ended.refused).toBe(MUTANTS);
    if (MUTANTS < 100) return;
    expect(ended.split).toBeGreaterThan(MUTANTS / 10);
    expect(ended.refused).toBeGreaterThan(MUTANTS / 10);
  });

  it("give the same as a stream and in memory", async () => {
    for (let index = 0; index < MUTANTS / 5; index++) {
      const random = new Random(SEED + index);
      const text = mutateValue(random.of(...SOUND_RESULTS), random);
      const words = random.chance(0.5);
      const packWords = random.chance(0.5);
      const streamed = await outcomeOf(async () =>
        toChunks((await open(Buffer.from(text), random, words, packWords)).parts),
      );
      // The scanner limits the depth of everything; in memory, only that of segments is limited.
      if (streamed === "nested") continue;
      const inMemory = async () => openResult(JSON.parse(text), { name: "r.json", words, packWords }).chunks;
      expect([SEED + index, streamed]).toEqual([SEED + index, await outcomeOf(inMemory)]);
    }
  });
});
