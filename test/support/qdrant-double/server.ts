import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Fault, Faults } from "./faults.js";
import { OpenApiCheck } from "./openapi.js";
import { formatError, Refusal } from "./refusal.js";
import { type Call, QdrantStore, type StoreOptions } from "./routes.js";

export interface QdrantDoubleOptions extends Partial<StoreOptions> {
  /** Refuses requests without this key, with a plain-text 401. */
  apiKey?: string;
  /** @default 33554432, as the server */
  maxBodyBytes?: number;
  /** Breaks the connection instead of answering when a body is over this size. */
  breakAboveBytes?: number;
  /** The path below which it is served: `/qdrant`. */
  prefix?: string;
  /** That of another double, so that both are servers of one cluster. @default one of its own */
  store?: QdrantStore;
  /** Awaited before a request is applied: to observe it, to delay it, or to throw. */
  beforeAnswer?: (request: { method: string; path: string; isGone: () => boolean }) => Promise<void>;
}

/** A request that the double received, even if it failed. */
export interface LoggedRequest {
  method: string;
  path: string;
  query: string;
  headers: IncomingMessage["headers"];
  body: unknown;
  bytes: number;
  /** Bytes of the answer's body; 0 where there was none. */
  answered: number;
}

/** An escaped lone surrogate, which the server's JSON parser refuses. */
const LONE_SURROGATE =
  /(?<!\\)(?:\\\\)*(?:\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])|(?<!\\ud[89ab][0-9a-f]{2})\\ud[c-f])/i;

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** Returns the template of a path in the OpenAPI file. */
const template = (path: readonly string[]): string =>
  path[0] === "collections" && path[1] !== undefined && path[1] !== "aliases"
    ? `/${["collections", "{collection_name}", ...path.slice(2)].join("/")}`
    : `/${path.join("/")}`;

/** A Qdrant server in memory that behaves like the real one for ingestion and search. */
export class QdrantDouble {
  readonly store: QdrantStore;
  readonly faults = new Faults();
  readonly requests: LoggedRequest[] = [];
  /** Requests that the published OpenAPI file does not allow. */
  readonly violations: string[] = [];
  /** The maximum number of requests that were answered at once. */
  concurrent = 0;
  readonly #options: QdrantDoubleOptions;
  readonly #check = OpenApiCheck.shared();
  readonly #server = createServer((request, response) => void this.#handle(request, response));
  #answering = 0;

  private constructor(options: QdrantDoubleOptions) {
    this.#options = options;
    const { version = "1.19.0", strictMode = false, bucket, now = Date.now, servers = 1 } = options;
    this.store = options.store ?? new QdrantStore({ version, strictMode, bucket, now, servers });
  }

  static async start(options: QdrantDoubleOptions = {}): Promise<QdrantDouble> {
    const double = new QdrantDouble(options);
    await new Promise<void>((resolve) => double.#server.listen(0, "127.0.0.1", resolve));
    return double;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}${this.#options.prefix ?? ""}`;
  }

  /** Returns requests whose `METHOD /path` contains the text. */
  received(text: string): LoggedRequest[] {
    return this.requests.filter(({ method, path }) => `${method} ${path}`.includes(text));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/" } = request;
    const { pathname, searchParams } = new URL(url, "http://double");
    try {
      const bytes = await readBody(request);
      const fault = this.faults.next(`${method} ${pathname}`);
      const call = this.#log(request, method, pathname, searchParams, bytes);
      await this.#respond(response, call, bytes.length, request.headers["api-key"], fault);
    } catch (thrown) {
      if (!request.complete) return;
      this.#refuse(
        response,
        thrown instanceof Refusal ? thrown : new Refusal(500, `Service internal error: ${String(thrown)}`),
      );
    }
  }

  #log(
    request: IncomingMessage,
    method: string,
    pathname: string,
    query: URLSearchParams,
    bytes: Buffer,
  ): Call & { raw: string; logged: LoggedRequest } {
    const raw = bytes.toString("utf8");
    const tooLarge = bytes.length > (this.#options.maxBodyBytes ?? 32 * 1024 * 1024);
    const body: unknown = raw && !tooLarge ? JSON.parse(raw) : undefined;
    const logged = {
      method,
      path: pathname,
      query: query.toString(),
      headers: request.headers,
      body,
      bytes: bytes.length,
      answered: 0,
    };
    this.requests.push(logged);
    const { prefix = "" } = this.#options;
    if (!pathname.startsWith(prefix)) throw new Refusal(404, "404 page not found", { plain: true });
    const path = pathname.slice(prefix.length).split("/").filter(Boolean).map(decodeURIComponent);
    return { method, path, query, body, raw, logged };
  }

  async #respond(
    response: ServerResponse,
    call: Call & { raw: string; logged: LoggedRequest },
    bytes: number,
    key: string | string[] | undefined,
    fault: Fault | undefined,
  ): Promise<void> {
    const {
      apiKey,
      maxBodyBytes = 32 * 1024 * 1024,
      breakAboveBytes = Number.POSITIVE_INFINITY,
    } = this.#options;
    if (fault?.kind === "hang") return;
    if (fault?.kind === "redirect") {
      response.writeHead(307, { location: fault.to }).end();
      return;
    }
    if (bytes > breakAboveBytes || (fault?.kind === "reset" && !fault.applied)) {
      response.destroy();
      return;
    }
    if (fault?.kind === "status") {
      const { status, message = "injected", retryAfter, plain = false } = fault;
      const headers = retryAfter === undefined ? {} : { "retry-after": retryAfter };
      throw new Refusal(status, message, { headers, plain });
    }
    if (apiKey !== undefined && key !== apiKey)
      throw new Refusal(401, "Must provide an API key or an Authorization bearer token", { plain: true });
    if (bytes > maxBodyBytes) {
      throw new Refusal(
        400,
        `JSON payload (${bytes} bytes) is larger than allowed (limit: ${maxBodyBytes} bytes).`,
      );
    }
    if (LONE_SURROGATE.test(call.raw)) throw formatError("lone leading surrogate in hex escape");
    const violation = this.#check?.violation(call.method, template(call.path), call.body);
    if (violation) {
      this.violations.push(violation);
      throw formatError(violation);
    }
    this.concurrent = Math.max(this.concurrent, ++this.#answering);
    try {
      await new Promise((resolve) => setImmediate(resolve));
      const isGone = () => response.closed;
      await this.#options.beforeAnswer?.({ method: call.method, path: call.path.join("/"), isGone });
      const skipped = fault?.kind === "wait_timeout" && !fault.applied;
      const result = skipped ? undefined : this.store.answer(call);
      this.#send(
        response,
        call,
        fault?.kind === "wait_timeout" ? { operation_id: 0, status: "wait_timeout" } : result,
        fault,
      );
    } finally {
      this.#answering--;
    }
  }

  #send(
    response: ServerResponse,
    { path, logged }: Call & { logged: LoggedRequest },
    result: unknown,
    fault: Fault | undefined,
  ): void {
    if (fault?.kind === "reset") {
      response.destroy();
      return;
    }
    const text = JSON.stringify(path.length === 0 ? result : { result, status: "ok", time: 0.0001 });
    logged.answered = Buffer.byteLength(text);
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": logged.answered,
    });
    if (fault?.kind === "cut") response.write(text.slice(0, text.length / 2), () => response.destroy());
    else response.end(text);
  }

  #refuse(response: ServerResponse, refusal: Refusal): void {
    const { status, message, plain, headers } = refusal;
    response.writeHead(status, { "content-type": plain ? "text/plain" : "application/json", ...headers });
    response.end(plain ? message : JSON.stringify({ status: { error: message }, time: 0 }));
  }
}
