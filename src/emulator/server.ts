import { setMaxListeners } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { parseOptions } from "../internal/options.js";
import { type EmulatorContext, type Exchange, RateWindow } from "./context.js";
import type { Emulator } from "./emulator.js";
import { errors, FaultBook } from "./faults.js";
import { send } from "./http/answer.js";
import { listen, shut } from "./http/listening.js";
import { JobBook } from "./jobs/jobs.js";
import { stableUuid } from "./jobs/renew.js";
import { type EmulatorOptions, emulatorOptionsSchema } from "./options.js";
import { type RecordedRequest, recordOf } from "./record.js";
import { type FindRoute, handle } from "./routes/handle.js";
import { apiRoute, filesRoute } from "./routes/routes.js";

/**
 * Starts a local server of the Unsiloed parse API that replays results and injects faults: for demonstrations and
 * for tests of pipelines. Nothing is parsed; request options change the result as little as `dialect` says.
 *
 * Uploads and output files are served on a second port, as the service keeps them on another host.
 *
 * @throws UnsiloedError `INVALID_OPTION`, also for a port that is taken; `FILE_NOT_FOUND` or `INVALID_RESULT` for a saved result that is none
 * @example
 * ```ts
 * await using emulator = await startEmulator({
 *   results: "annual-report.json",
 *   delays: { queuedMs: 200, processingMs: 2_000 },
 *   faults: [{ on: "status", fault: "rate_limited_retry_after", times: 2 }],
 * });
 * // Point your pipeline at emulator.url, with any API key.
 * ```
 */
export const startEmulator = async (options: EmulatorOptions): Promise<Emulator> => {
  const settings = parseOptions(emulatorOptionsSchema, options, "startEmulator");
  const jobs = new JobBook(settings);
  await jobs.prepare();
  const faults = new FaultBook(settings.faults);
  const { rateLimit } = settings;
  let filesUrl = "";
  const signatureOf = (path: string, expires: number) => ({
    signature: stableUuid(settings.seed, path, String(expires)).replaceAll("-", ""),
    expires,
  });
  const context: EmulatorContext = {
    settings,
    jobs,
    faults,
    rate: rateLimit && new RateWindow(rateLimit.requests, rateLimit.windowMs),
    signatureOf,
    signedUrl: (path, seconds = settings.urlsExpireIn) => {
      const { signature, expires } = signatureOf(path, settings.clock.now() + seconds * 1000);
      return `${filesUrl}${path}?expires=${expires}&signature=${signature}`;
    },
  };
  const requests: RecordedRequest[] = [];
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);

  const serve =
    (server: RecordedRequest["server"], find: FindRoute) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      // Node takes the socket away from a request that was destroyed.
      const { socket } = request;
      const target = request.url ?? "/";
      const url = new URL(URL.canParse(target, "http://emulator") ? target : "/", "http://emulator");
      const record = recordOf(server, request, url, settings.clock.now());
      requests.push(record);
      const exchange: Exchange = { request, response, socket, url, record, signal: closing.signal };
      handle(context, exchange, find)
        .catch(async () => {
          // The client went away or the emulator closes; only a result that cannot be read deserves an answer.
          if (socket.destroyed || response.headersSent || closing.signal.aborted) return response.destroy();
          record.status = 500;
          return send({ response, socket }, errors.serverError(), undefined, settings.clock, closing.signal);
        })
        .catch(() => response.destroy());
    };

  const api = createServer(serve("api", apiRoute));
  const files = createServer(serve("files", filesRoute));
  // No time limits of our own: idle connections must not vanish while a client is about to use them again.
  for (const server of [api, files]) {
    server.keepAliveTimeout = 60_000;
    server.requestTimeout = 0;
  }
  filesUrl = await listen(files, 0, settings.host);
  const url = await listen(api, settings.port, settings.host).catch(async (thrown: unknown) => {
    await shut(files);
    throw thrown;
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing.abort();
    closed ??= Promise.all([shut(api), shut(files)]).then(() => undefined);
    return closed;
  };
  return {
    url,
    filesUrl,
    get jobs() {
      return jobs.all;
    },
    requests,
    get submissions() {
      return jobs.submissions;
    },
    addFault: (rule) => faults.add(rule),
    clearFaults: () => faults.clear(),
    addJob: (job = {}) => jobs.add(job).jobId,
    close,
    [Symbol.asyncDispose]: close,
  };
};
