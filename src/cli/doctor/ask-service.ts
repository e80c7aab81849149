import { randomUUID } from "node:crypto";
import { UnsiloedError } from "../../errors.js";
import { openFetchProxy } from "../../internal/http/proxy.js";
import { UnsiloedClient } from "../../parse-api/client.js";
import { readBaseUrl } from "../../parse-api/client-options.js";
import type { Environment } from "../setup/environment.js";

/** How the parse service answered to a harmless question. */
export interface ServiceAnswer {
  /** Host that was asked. */
  host: string;
  /** Whether it is on this machine, as an emulator is. */
  isLocal: boolean;
  /** Status of the answer; none where there was no answer. */
  status?: number;
  /** Time of the service's clock and of ours, in milliseconds since the epoch. */
  times?: { theirs: number; ours: number };
  /** What came in place of "no such job". */
  error?: UnsiloedError;
}

/** Sent where no key is set, to learn whether the service can be reached. */
const NO_KEY = "none";

/**
 * Asks the parse service for a job that does not exist, which costs nothing. A service that knows the key answers that it
 * does not know the job.
 *
 * @throws UnsiloedError `INVALID_OPTION` for an address or a key that cannot be sent
 */
export const askService = async (environment: Environment, signal: AbortSignal): Promise<ServiceAnswer> => {
  const url = readBaseUrl(environment.UNSILOED_BASE_URL);
  const addProxy = await openFetchProxy();
  const seen: Pick<ServiceAnswer, "status" | "times"> = {};
  const fetch: typeof globalThis.fetch = async (address, init) => {
    const response = await globalThis.fetch(address, addProxy(init ?? {}));
    const theirs = Date.parse(response.headers.get("date") ?? "");
    seen.status = response.status;
    if (!Number.isNaN(theirs)) seen.times = { theirs, ours: Date.now() };
    return response;
  };
  const client = new UnsiloedClient({
    apiKey: environment.UNSILOED_API_KEY ?? NO_KEY,
    baseUrl: url.href,
    retry: { attempts: 2 },
    fetch,
  });
  const answer = { host: url.host, isLocal: client.isLocal };
  try {
    await client.getStatus(randomUUID(), { signal });
    return { ...answer, ...seen };
  } catch (thrown) {
    if (!(thrown instanceof UnsiloedError)) throw thrown;
    return thrown.code === "JOB_NOT_FOUND" ? { ...answer, ...seen } : { ...answer, ...seen, error: thrown };
  }
};
