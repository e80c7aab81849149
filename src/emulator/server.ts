import { setMaxListeners } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { UnsiloedError } from "../errors.js";
import { parseOptions } from "../internal/options.js";
import { type Answer, send } from "./answer.js";
import type { EmulatorContext, Exchange, RecordedRequest, Route } from "./context.js";
import type { ActiveFault, FaultRule } from "./fault-rules.js";
import { answerOf, errors, FaultBook } from "./faults.js";
import { stableUuid } from "./ids.js";
import { type EmulatedJob, JobBook } from "./jobs.js";
import { type EmulatorOptions, emulatorOptionsSchema, type JobOutcome, type StateList } from "./options.js";
import { RateWindow } from "./rate-window.js";
import { recordOf } from "./record.js";
import { apiRoute, filesRoute } from "./routes.js";

/** A job to put in place without a request, such as one that was submitted earlier. */
export interface AddedJob {
  /** @default a new id */
  jobId?: string;
  /** @default "document.pdf" */
  fileName?: string;
  /** How it ends. @default what the `results` option says */
  outcome?: JobOutcome;
  /** States by poll. @default as for all jobs */
  states?: StateList;
}

/** A running emulator. */
export interface Emulator extends AsyncDisposable {
  /** Base URL of the API, without a slash at the end. */
  readonly url: string;
  /** Base URL of the second server, where uploads go and output files are. */
  readonly filesUrl: string;
  /** All jobs, in the order they were made. */
  readonly jobs: readonly EmulatedJob[];
  /** All requests to both servers, in the order they came. */
  readonly requests: readonly RecordedRequest[];
  /** How many submissions were accepted: what the account would have paid for. */
  readonly submissions: number;
  /** Adds a fault behind those that are there. */
  addFault(rule: FaultRule): void;
  /** Drops all faults. */
  clearFaults(): void;
  /** Puts a job in place that no submission is counted for. @returns its id */
  addJob(job?: AddedJob): string;
  /** Ends both servers and all their connections at once. Can be called again. */
  close(): Promise<void>;
}

const listen = (server: Server, port: number, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const refuse = (cause: Error) =>
      reject(
        new UnsiloedError(
          "INVALID_OPTION",
          `startEmulator: cannot listen on ${host} port ${port}: ${cause.message}`,
          { cause },
        ),
      );
    server.once("error", refuse);
    server.listen(port, host, () => {
      server.off("error", refuse);
      const address = server.address();
      const taken = typeof address === "object" && address !== null ? address.port : port;
      resolve(`http://${host.includes(":") ? `[${host}]` : host}:${taken}`);
    });
  });

const shut = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const drain = async (request: IncomingMessage): Promise<void> => {
  for await (const _piece of request.resume());
};

/** Resolves when the client has gone or the emulator closes. */
const untilGone = (socket: Socket, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted || socket.destroyed) return resolve();
    const end = () => {
      socket.off("close", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    socket.once("close", end);
    signal.addEventListener("abort", end);
  });

/** Carries out one request: through the fault that strikes it, if one does. */
const answer = async (
  context: EmulatorContext,
  exchange: Exchange,
  find: (context: EmulatorContext, exchange: Exchange) => Promise<Route | Answer>,
): Promise<void> => {
  const { request, response, socket, record, signal } = exchange;
  const { clock, errorText } = context.settings;
  const reply = async (ready: Answer, fault?: ActiveFault) => {
    record.status = ready.status;
    await send({ response, socket }, ready, fault, clock, signal);
  };
  const route = await find(context, exchange);
  if (!("run" in route)) {
    await drain(request);
    return reply(route);
  }
  record.on = route.info.on;
  if (route.info.jobId !== undefined) record.jobId = route.info.jobId;
  if (route.info.fileName !== undefined) record.fileName = route.info.fileName;
  const fault = context.faults.next(route.info);
  if (fault) record.fault = typeof fault.fault === "string" ? fault.fault : "custom";
  switch (fault?.fault) {
    case "hang":
      return untilGone(socket, signal);
    case "reset":
      await drain(request);
      socket.destroy();
      return;
    case "reset_midway":
      for await (const _piece of request) break;
      socket.destroy();
      return;
    case "reset_after_accept":
      await route.run(fault);
      socket.destroy();
      return;
    default: {
      const canned = fault && answerOf(fault, route.info, clock.now(), errorText);
      if (!canned) return reply(await route.run(fault), fault);
      await drain(request);
      return reply(canned);
    }
  }
};

/**
 * Starts a local server of the Unsiloed parse API that replays results and injects faults: for demonstrations and
 * for tests of pipelines. Nothing is parsed and request options do not change the result.
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
    signedUrl: (path) => {
      const { signature, expires } = signatureOf(path, settings.clock.now() + settings.urlsExpireIn * 1000);
      return `${filesUrl}${path}?expires=${expires}&signature=${signature}`;
    },
  };
  const requests: RecordedRequest[] = [];
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);

  const serve =
    (server: RecordedRequest["server"], find: Parameters<typeof answer>[2]) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      // Node takes the socket away from a request that was destroyed.
      const { socket } = request;
      const url = new URL(request.url ?? "/", "http://emulator");
      const record = recordOf(server, request, url, settings.clock.now());
      requests.push(record);
      const exchange: Exchange = { request, response, socket, url, record, signal: closing.signal };
      answer(context, exchange, find).catch(async () => {
        // The client went away or the emulator closes; only a result that cannot be read deserves an answer.
        if (socket.destroyed || response.headersSent || closing.signal.aborted) response.destroy();
        else {
          record.status = 500;
          await send({ response, socket }, errors.serverError(), undefined, settings.clock, closing.signal);
        }
      });
    };

  const api = createServer(serve("api", apiRoute));
  const files = createServer(serve("files", filesRoute));
  // Connections that are idle must not vanish while a client is about to use them again.
  for (const server of [api, files]) server.keepAliveTimeout = 60_000;
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
