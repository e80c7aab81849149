import { z } from "zod";

const count = z.number().int().min(1);

export const resultLimitsSchema = z
  .strictObject({
    /** Bytes of a result, unpacked. @default 17179869184 (16 GiB) */
    bytes: count.default(16 * 1024 ** 3),
    /** How many times larger than its gzip data a result may be; real ones are 5 to 20 times. @default 200 */
    expansion: count.default(200),
    /** Bytes of one segment, without word boxes that are not asked for; so much is held. @default 67108864 (64 MiB) */
    segmentBytes: count.default(64 * 1024 ** 2),
    /** Characters of each text of a segment: `content`, `markdown`, `html`, `llm`. @default 16777216 */
    textLength: count.default(16 * 1024 ** 2),
    /** Levels of arrays and objects within a segment. @default 64 */
    depth: count.max(500).default(64),
    /** @default 10000000 */
    chunks: count.default(10_000_000),
    /** @default 10000000 */
    segments: count.default(10_000_000),
    /** Words of one segment, when they are asked for. @default 500000 */
    words: count.default(500_000),
  })
  .prefault({});

/** What a result may hold at most; more is an error that names the limit, not a crash. */
export type ResultLimits = z.output<typeof resultLimitsSchema>;
export type ResultLimitOptions = z.input<typeof resultLimitsSchema>;

export const DEFAULT_RESULT_LIMITS: ResultLimits = resultLimitsSchema.parse({});
