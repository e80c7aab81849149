import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UnsiloedError } from "../../errors.js";
import { type Clock, systemClock } from "../../internal/async/clock.js";

/** An orchestrator waits a second or a few for the answer to its check. */
const READY_WITHIN_MS = 2000;

/** Options of {@link startHealthServer}. */
export interface HealthServerOptions {
  /** @default "127.0.0.1" */
  host?: string | undefined;
  /** Port; 0 for a free one. */
  port: number;
  /** Rejects while the worker could not take documents: the message is the answer. */
  assertReady: () => Promise<void>;
  /** Answers `/metrics`. Without it, the answer is 404. */
  metrics?: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  clock?: Clock | undefined;
}

/** A server that an orchestrator asks about this process. */
export interface HealthServer {
  /** Where it listens, such as `http://127.0.0.1:9464`. */
  url: string;
  close(): Promise<void>;
}

const answer = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  response.end(`${text}\n`);
};

const readiness = async ({ assertReady, clock = systemClock }: HealthServerOptions) => {
  const late = new AbortController();
  try {
    await Promise.race([
      assertReady(),
      clock.delay(READY_WITHIN_MS, late.signal).then(() => {
        throw new Error(`no answer within ${READY_WITHIN_MS / 1000} s`);
      }),
    ]);
    return { status: 200, text: "ready" };
  } catch (thrown) {
    return { status: 503, text: `not ready: ${thrown instanceof Error ? thrown.message : String(thrown)}` };
  } finally {
    late.abort();
  }
};

/**
 * Serves `/healthz` (the process answers), `/readyz` (it can take documents) and `/metrics`.
 *
 * @throws UnsiloedError `INVALID_OPTION` when the address cannot be listened on
 */
export const startHealthServer = async (options: HealthServerOptions): Promise<HealthServer> => {
  const { host = "127.0.0.1", port, metrics } = options;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://health");
    if (request.method !== "GET" && request.method !== "HEAD")
      return answer(response, 405, "expected GET or HEAD");
    if (pathname === "/healthz") return answer(response, 200, "ok");
    if (pathname === "/metrics" && metrics) return metrics(request, response);
    if (pathname !== "/readyz") return answer(response, 404, "expected /healthz, /readyz or /metrics");
    void readiness(options).then(({ status, text }) => answer(response, status, text));
  });
  // A check that keeps its connection open does not keep the process.
  server.keepAliveTimeout = 1000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", ({ message }) =>
      reject(new UnsiloedError("INVALID_OPTION", `health: cannot listen on ${host}:${port}: ${message}`)),
    );
    server.listen(port, host, resolve);
  });
  server.unref();
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
