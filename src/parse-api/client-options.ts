import { getEnvironmentVariable } from "@langchain/core/utils/env";
import { z } from "zod";
import { UnsiloedError } from "../errors.js";
import { type Clock, systemClock } from "../internal/async/clock.js";
import type { Fetch } from "./http/transport.js";
import { budgetShape } from "./limits/parse-budget.js";
import { resultLimitsSchema } from "./results/limits.js";

export const DEFAULT_BASE_URL = "https://prod.visionapi.unsiloed.ai";

const isFunction = (value: unknown): boolean => typeof value === "function";

const hasMethods =
  (...names: string[]) =>
  (value: unknown): boolean =>
    typeof value === "object" &&
    value !== null &&
    names.every((name) => isFunction(Reflect.get(value, name)));

const milliseconds = z.number().min(1).max(2_147_483_647);

export const clientShape = {
  /** Key of the account, sent as the `api-key` header to the host of `baseUrl` only. @default UNSILOED_API_KEY */
  // Checked in `readApiKey`, whose messages do not show what was given.
  apiKey: z.custom<string>().optional(),
  /** @default UNSILOED_BASE_URL, else https://prod.visionapi.unsiloed.ai */
  baseUrl: z.string().optional(),
  /** Limit of one attempt at a request, its answer included; sending a file adds time by its size. @default 60000 */
  requestTimeoutMs: milliseconds.default(60_000),
  /**
   * How long one attempt at a result may wait for its bytes; each 128 bytes that came add a millisecond.
   * @default 600000
   */
  resultTimeoutMs: milliseconds.default(600_000),
  /** What a result may hold at most. @default 16 GiB in all, 64 MiB and 64 levels for one segment, … */
  limits: resultLimitsSchema,
  /**
   * Trust every address that the service names for results and uploads. Otherwise they must be https and public,
   * or on the host of `baseUrl`; when that is http or a private host, all are trusted.
   * @default false
   */
  allowPrivateAddresses: z.boolean().default(false),
  /** Files above this size go through a presigned upload, streamed from disk. @default 20971520 (20 MB) */
  uploadThresholdBytes: z
    .number()
    .int()
    .min(0)
    .default(20 * 1024 * 1024),
  /** Tries for requests that fail in passing; submissions only when nothing can have been accepted. */
  retry: z
    .strictObject({
      /** @default 4 */
      attempts: z.number().int().min(1).default(4),
      /** Doubles with each try. @default 500 */
      baseDelayMs: z.number().min(0).default(500),
      /** @default 30000 */
      maxDelayMs: z.number().min(0).default(30_000),
    })
    .prefault({}),
  /** Sends the requests to the API in place of undici; presigned addresses are not reached by it. @default undici's */
  fetch: z.custom<Fetch>(isFunction, "expected a function").optional(),
  ...budgetShape,
  clock: z.custom<Clock>(hasMethods("now", "delay"), "expected a Clock").default(systemClock),
  /** A number in [0, 1), for jitter. @default Math.random */
  random: z.custom<() => number>(isFunction, "expected a function").default(() => Math.random),
};

export const clientOptionsSchema = z.strictObject(clientShape);

export type UnsiloedClientOptions = z.input<typeof clientOptionsSchema>;

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
