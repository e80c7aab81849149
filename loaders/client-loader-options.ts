import { z } from "zod";
import { parseOptions } from "../src/internal/options.js";
import { UnsiloedClient } from "../src/parse-api/client.js";
import { clientShape, type UnsiloedClientOptions } from "../src/parse-api/client-options.js";
import { type WaitTiming, waitOptionsSchema } from "../src/parse-api/jobs/wait.js";
import { RESULT_WAYS, type ResultWay } from "../src/parse-api/results/fetch-result.js";
import type { ResultLimitOptions } from "../src/parse-api/results/limits.js";
import { type LoaderOptions, loaderShape } from "./loader-options.js";

/** Options of the loaders that talk to the parse API. */
export interface ClientLoaderOptions extends LoaderOptions, UnsiloedClientOptions {
  /** What a result may hold at most. @default 16 GiB in all, 64 MiB and 64 levels for one segment, … */
  limits?: ResultLimitOptions | undefined;
  /** A client of your own, in place of `apiKey` and the other options of a client. */
  client?: UnsiloedClient | undefined;
  /**
   * Read results from the answers of the API, or from the addresses of files that it gives instead.
   * @default "body"
   */
  resultVia?: ResultWay | undefined;
  /** How jobs are waited for. @default checks every 5 to 10 seconds, for at most 15 minutes */
  wait?: WaitTiming | undefined;
}

export const clientLoaderShape = {
  ...loaderShape,
  ...clientShape,
  client: z
    .custom<UnsiloedClient>((value) => value instanceof UnsiloedClient, "expected an UnsiloedClient")
    .optional(),
  resultVia: z.enum(RESULT_WAYS).default("body"),
  wait: waitOptionsSchema.prefault({}),
};

const clientKeys = Object.keys(clientShape);

/** The options that are for the client, as they were given. */
const clientPart = (options: object): object =>
  Object.fromEntries(
    Object.entries(options).filter(([key, value]) => clientKeys.includes(key) && value !== undefined),
  );

/** The client that was given, or one made from the options. @throws UnsiloedError `INVALID_OPTION`, `API_KEY_MISSING` */
export const clientOf = (
  client: UnsiloedClient | undefined,
  options: object,
  where: string,
): UnsiloedClient => {
  const own = clientPart(options);
  if (!client) return new UnsiloedClient(own);
  parseOptions(z.strictObject({}), own, `${where}: with a client, its options are set already`);
  return client;
};
