import { z } from "zod";
import { type Clock, systemClock } from "../../internal/async/clock.js";
import { fusionSchema } from "../fusion-options.js";

const MEBIBYTE = 1024 * 1024;
const MINUTE_MS = 60_000;

/** Names of tables LanceDB accepts: they become names of directories. */
const TABLE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/;

/** Languages LanceDB has stemmers for. It ends the process when it is asked for another. */
const STEMMERS = [
  "Arabic",
  "Danish",
  "Dutch",
  "English",
  "Finnish",
  "French",
  "German",
  "Greek",
  "Hungarian",
  "Italian",
  "Norwegian",
  "Portuguese",
  "Romanian",
  "Russian",
  "Spanish",
  "Swedish",
  "Tamil",
  "Turkish",
] as const;

/** How words are told apart in full-text search; used when the table is made, and kept with it. */
const fullTextSchema = z
  .strictObject({
    /**
     * Language of the stemmer, which makes "dividends" find "dividend", or `false` for none. Words of other
     * languages are found all the same. @default "English"
     */
    stem: z.literal([...STEMMERS, false]).default("English"),
    /** Longer runs of letters and digits are not searchable. @default 128 */
    maxTokenLength: z.number().int().min(1).max(10_000).default(128),
  })
  .prefault({});

const maintenanceSchema = z
  .strictObject({
    /**
     * Merge small files and bring the indexes up to date now and then while writing, and when the sink is closed.
     * Without it, searching and writing become slower with every write. @default true
     */
    automatic: z.boolean().default(true),
    /**
     * How long old versions of the table are kept, in milliseconds: a reader that takes longer over one listing
     * may fail. @default 600000
     */
    keepVersionsMs: z
      .number()
      .int()
      .min(0)
      .default(10 * MINUTE_MS),
  })
  .prefault({});

export const lanceDbOptionsSchema = z.strictObject({
  /** Local directory of the database; made when it is not there. @default ".unsiloed/lancedb" */
  directory: z
    .string()
    .min(1)
    .refine(
      (directory) => !directory.includes("://") && !directory.includes("\0"),
      "expected a local directory",
    )
    .default(".unsiloed/lancedb"),
  /** Name of the table. @default "unsiloed" */
  collection: z
    .string()
    .max(200)
    .regex(TABLE_NAME, "expected a name of letters, digits, _, - and . that does not begin with .")
    .default("unsiloed"),
  fusion: fusionSchema,
  /** How many hits of each kind hybrid search fuses; never fewer than `k`. @default 50 */
  prefetch: z.number().int().min(1).default(50),
  fullText: fullTextSchema,
  /** The most points in one commit; fewer commits are faster, larger ones take more memory. @default 8192 */
  batchCount: z.number().int().min(1).max(100_000).default(8192),
  /** About the most bytes in one commit. @default 67108864 */
  batchBytes: z
    .number()
    .int()
    .min(1024)
    .max(1024 * MEBIBYTE)
    .default(64 * MEBIBYTE),
  /** Tries of one write in all, when other processes write too. @default 8 */
  attempts: z.number().int().min(1).default(8),
  maintenance: maintenanceSchema,
  /** Time as the sink sees it. @default the system's */
  clock: z
    .custom<Clock>((value) => typeof value === "object" && value !== null, "expected a Clock")
    .default(systemClock),
});

export type LanceDbSinkOptions = z.input<typeof lanceDbOptionsSchema>;
export type LanceDbSettings = z.output<typeof lanceDbOptionsSchema>;
