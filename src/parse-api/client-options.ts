import { getEnvironmentVariable } from "@langchain/core/utils/env";
import { z } from "zod";
import { UnsiloedError } from "../errors.js";
import type { Clock } from "../internal/async/clock.js";
import { clockSchema, functionSchema } from "../internal/schemas.js";
import type { Fetch } from "./http/transport.js";
import { budgetShape, type KeyLimits, type ParseBudget } from "./limits/parse-budget.js";
import { type ResultLimitOptions, resultLimitsSchema } from "./results/limits.js";

export const DEFAULT_BASE_URL = "https://prod.visionapi.unsiloed.ai";

const milliseconds = z.number().min(1).max(2_147_483_647);

/** Options of {@link UnsiloedClient}. */
export interface UnsiloedClientOptions extends KeyLimits {
  /** Key of the account, sent as the `api-key` header to the host of `baseUrl` only. @default UNSILOED_API_KEY */
  apiKey?: string | undefined;
  /** Address of the service. @default UNSILOED_BASE_URL, else https://prod.visionapi.unsiloed.ai */
  baseUrl?: string | undefined;
  /**
   * Limit of one attempt at a request, its answer included, in milliseconds; sending a file adds time by its size.
   * @default 60000
   */
  requestTimeoutMs?: number | undefined;
  /**
   * How long one attempt at a result may wait for its bytes, in milliseconds; each 128 bytes that came add one.
   * @default 600000
   */
  resultTimeoutMs?: number | undefined;
  /** What a result may hold at most. @default 16 GiB in all, 64 MiB and 64 levels for one segment, … */
  limits?: ResultLimitOptions | undefined;
  /**
   * Trust every address that the service names for results and uploads. Otherwise they must be https and public,
   * or on the host of `baseUrl`; when that is http or a private host, all are trusted.
   * @default false
   */
  allowPrivateAddresses?: boolean | undefined;
  /**
   * Files above this size go through a presigned upload, streamed from disk; those above 500 MB, WebP and HTML do in
   * any case.
   * @default 20971520 (20 MB)
   */
  uploadThresholdBytes?: number | undefined;
  /**
   * Attempts at requests that fail in passing; at submissions only when nothing can have been accepted.
   * @default 4 attempts, 0.5 to 30 seconds apart
   */
  retry?: ClientRetryOptions | undefined;
  /** Sends the requests to the API in place of undici; presigned addresses are not reached by it. @default undici's */
  fetch?: Fetch | undefined;
  /** Limits to share otherwise than by key and host. @default the budget that all clients of the key and host share */
  budget?: ParseBudget | undefined;
  /**
   * Called with each thing to know about the request options, once and before a document is paid for, such as an older
   * name or an option without effect.
   * @default process.emitWarning
   */
  onWarning?: ((note: string) => void) | undefined;
  /** Tells the time and waits. @default the system's clock */
  clock?: Clock | undefined;
  /** Gives a number in [0, 1), for jitter. @default Math.random */
  random?: (() => number) | undefined;
}

export interface ClientRetryOptions {
  /** Attempts in all, the first included. @default 4 */
  attempts?: number | undefined;
  /** Wait before the second attempt, in milliseconds; doubles with each further one. @default 500 */
  baseDelayMs?: number | undefined;
  /** The longest wait, in milliseconds, unless the service asks for more. @default 30000 */
  maxDelayMs?: number | undefined;
}

export const clientShape = {
  // Checked in `readApiKey`, whose messages do not show what was given.
  apiKey: z.custom<string>().optional(),
  baseUrl: z.string().optional(),
  requestTimeoutMs: milliseconds.default(60_000),
  resultTimeoutMs: milliseconds.default(600_000),
  limits: resultLimitsSchema,
  allowPrivateAddresses: z.boolean().default(false),
  uploadThresholdBytes: z
    .number()
    .int()
    .min(0)
    .default(20 * 1024 * 1024),
  retry: z
    .strictObject({
      attempts: z.number().int().min(1).default(4),
      baseDelayMs: z.number().min(0).default(500),
      maxDelayMs: z.number().min(0).default(30_000),
    })
    .prefault({}),
  fetch: functionSchema<Fetch>().optional(),
  ...budgetShape,
  onWarning: functionSchema<(note: string) => void>().default(
    () => (note: string) => process.emitWarning(note, "UnsiloedWarning"),
  ),
  clock: clockSchema,
  random: functionSchema<() => number>().default(() => Math.random),
};

export const clientOptionsSchema = z.strictObject(clientShape);

/** @throws UnsiloedError `API_KEY_MISSING`, or `INVALID_OPTION` for what no HTTP header can hold */
export const readApiKey = (given: unknown): string => {
  const key = given ?? getEnvironmentVariable("UNSILOED_API_KEY");
  if (key === undefined || key === "")
    throw new UnsiloedError(
      "API_KEY_MISSING",
      "no API key: set UNSILOED_API_KEY or pass the apiKey option (keys are made at https://www.unsiloed.ai)",
    );
  // A key read from a file often ends in a line break.
  const trimmed = typeof key === "string" ? key.trim() : "";
  if (!/^[\x21-\x7e]+$/.test(trimmed))
    throw new UnsiloedError("INVALID_OPTION", "apiKey: expected printable ASCII text without spaces");
  return trimmed;
};

/** @throws UnsiloedError `INVALID_OPTION` */
export const readBaseUrl = (given: string | undefined): URL => {
  const text = (given ?? getEnvironmentVariable("UNSILOED_BASE_URL"))?.trim() || DEFAULT_BASE_URL;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new UnsiloedError(
      "INVALID_OPTION",
      `baseUrl: expected an http or https URL such as ${DEFAULT_BASE_URL}`,
    );
  if (url.username || url.password || url.search || url.hash)
    throw new UnsiloedError(
      "INVALID_OPTION",
      "baseUrl: expected a URL without credentials, query or fragment",
    );
  return url;
};
