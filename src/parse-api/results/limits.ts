import { z } from "zod";

/** Limits what a result may hold. Exceeding one is an error that names the limit, not a crash. */
export interface ResultLimitOptions {
  /** Bytes of a result, unpacked. @default 17179869184 (16 GiB) */
  bytes?: number | undefined;
  /** How many times larger than its gzip data a result may be; real ones are 5 to 20 times. @default 200 */
  expansion?: number | undefined;
  /** Bytes of one segment, which is held in memory; word boxes count when they are asked for. @default 67108864 (64 MiB) */
  segmentBytes?: number | undefined;
  /** Characters of each text of a segment: `content`, `markdown`, `html`, `llm`. @default 16777216 */
  textLength?: number | undefined;
  /** Levels of arrays and objects within a segment, at most 500. @default 64 */
  depth?: number | undefined;
  /** Chunks of a result. @default 10000000 */
  chunks?: number | undefined;
  /** Segments of a result. @default 10000000 */
  segments?: number | undefined;
  /** Words of one segment, when they are asked for. @default 500000 */
  words?: number | undefined;
}

const count = z.number().int().min(1);

export const resultLimitsSchema = z
  .strictObject({
    bytes: count.default(16 * 1024 ** 3),
    expansion: count.default(200),
    segmentBytes: count.default(64 * 1024 ** 2),
    textLength: count.default(16 * 1024 ** 2),
    depth: count.max(500).default(64),
    chunks: count.default(10_000_000),
    segments: count.default(10_000_000),
    words: count.default(500_000),
  })
  .prefault({});

/** {@link ResultLimitOptions} with their defaults. */
export type ResultLimits = z.output<typeof resultLimitsSchema>;

export const DEFAULT_RESULT_LIMITS: ResultLimits = resultLimitsSchema.parse({});
