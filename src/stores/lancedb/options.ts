import { z } from "zod";
import type { Clock } from "../../internal/async/clock.js";
import { clockSchema } from "../../internal/schemas.js";
import { isRemote } from "./location.js";

const MEBIBYTE = 1024 * 1024;
const MINUTE_MS = 60_000;

/** Table names that LanceDB accepts; they become names of directories. */
const TABLE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/;

/** Languages for which LanceDB has stemmers. Any other one ends the process. */
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

/** Language of a stemmer, such as `"German"`. */
export type Stemmer = (typeof STEMMERS)[number];

/** How words are found in full-text search. Used when the table is created, and kept with it. */
export interface FullTextOptions {
  /**
   * Language of the stemmer, which lets "dividends" find "dividend", or `false` for none. Words of other languages are
   * found as they are written. @default "English"
   */
  stem?: Stemmer | false | undefined;
  /** Longer sequences of letters and digits are not searchable. @default 128 */
  maxTokenLength?: number | undefined;
}

/** How the table is kept fast. */
export interface MaintenanceOptions {
  /**
   * Whether small files are merged and indexes updated now and then while writing, and when the sink is closed. Without
   * it, searching and writing become slower with every write. @default true
   */
  automatic?: boolean | undefined;
  /**
   * How long old versions of the table are kept, in milliseconds. A reader whose listing takes longer may fail.
   * @default 600000
   */
  keepVersionsMs?: number | undefined;
  /**
   * How many bytes old versions may take. When they take more, those older than ten seconds are removed.
   * @default 33554432
   */
  keepVersionsBytes?: number | undefined;
}

/** Options of `LanceDbSink`. */
export interface LanceDbSinkOptions {
  /**
   * Local directory of the database, created when it does not exist; or `s3://bucket/prefix`, with region, endpoint and
   * credentials of the usual variables of AWS. @default ".unsiloed/lancedb"
   */
  directory?: string | undefined;
  /** Name of the table. @default "unsiloed" */
  collection?: string | undefined;
  /** How words are found in full-text search. */
  fullText?: FullTextOptions | undefined;
  /** The most points in one commit. Fewer commits are faster; larger ones take more memory. @default 8192 */
  batchCount?: number | undefined;
  /** The approximate limit of one commit, in bytes. @default 67108864 */
  batchBytes?: number | undefined;
  /** Attempts of one write in total, for conflicts with other processes. @default 8 */
  attempts?: number | undefined;
  /** How the table is kept fast. */
  maintenance?: MaintenanceOptions | undefined;
  /** Tells the time and waits. @default the system's clock */
  clock?: Clock | undefined;
}

const fullTextSchema = z
  .strictObject({
    stem: z.literal([...STEMMERS, false]).default("English"),
    maxTokenLength: z.number().int().min(1).max(10_000).default(128),
  })
  .prefault({});

const maintenanceSchema = z
  .strictObject({
    automatic: z.boolean().default(true),
    keepVersionsMs: z
      .number()
      .int()
      .min(0)
      .default(10 * MINUTE_MS),
    keepVersionsBytes: z
      .number()
      .int()
      .min(0)
      .default(32 * MEBIBYTE),
  })
  .prefault({});

export const lanceDbOptionsSchema = z.strictObject({
  directory: z
    .string()
    .min(1)
    .refine(
      (directory) => (isRemote(directory) || !directory.includes("://")) && !directory.includes("\0"),
      "expected a local directory or s3://BUCKET/PREFIX",
    )
    .default(".unsiloed/lancedb"),
  collection: z
    .string()
    .max(200)
    .regex(TABLE_NAME, "expected a name of letters, digits, _, - and . that does not begin with .")
    .default("unsiloed"),
  fullText: fullTextSchema,
  batchCount: z.number().int().min(1).max(100_000).default(8192),
  batchBytes: z
    .number()
    .int()
    .min(1024)
    .max(1024 * MEBIBYTE)
    .default(64 * MEBIBYTE),
  attempts: z.number().int().min(1).default(8),
  maintenance: maintenanceSchema,
  clock: clockSchema,
});

export type LanceDbSettings = z.output<typeof lanceDbOptionsSchema>;
