import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";
import type { QdrantAddress } from "./address.js";

/** Connections that are idle longer are closed before the server closes them, which it does after 5 seconds. */
const IDLE_MS = 4_000;

/** An answer other than 2xx, as the client's own errors give it. */
export class RefusedWrite extends Error {
  readonly status: number;
  /** What the server said. */
  readonly data: unknown;
  readonly retryAfter: string | undefined;

  constructor({ statusCode = 0, headers }: IncomingMessage, data: unknown) {
    super(`status ${statusCode}`);
    this.status = statusCode;
    this.data = data;
    this.retryAfter = headers["retry-after"];
  }
}

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
};

const hasStatus = (value: unknown): value is { status: string } =>
  typeof value === "object" && value !== null && typeof Reflect.get(value, "status") === "string";

/** The `result` of an answer in the server's envelope. */
const resultOf = (data: unknown): { result?: { status: string } } => {
  const result: unknown = typeof data === "object" && data !== null ? Reflect.get(data, "result") : undefined;
  return hasStatus(result) ? { result } : {};
};

/**
 * Sends JSON that is printed already. The Qdrant client takes objects only, and would print millions of numbers once
 * more; `fetch` would copy every body and gives up after five minutes without an answer.
 */
export class JsonWriter {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #send: typeof http.request;
  readonly #agent: http.Agent;

  constructor({ url, label }: QdrantAddress, apiKey: string | undefined) {
    const { request, Agent } = url.startsWith("https:") ? https : http;
    this.#base = label;
    this.#headers = {
      "content-type": "application/json",
      accept: "application/json",
      ...(apiKey !== undefined && { "api-key": apiKey }),
    };
    this.#send = request;
    this.#agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
  }

  /** @throws RefusedWrite, or what breaks the connection; redirects are answers like any other */
  async put(
    path: string,
    body: Uint8Array,
    { headers, signal }: { headers: Readonly<Record<string, string>>; signal: AbortSignal },
  ): Promise<{ data: { result?: { status: string } } }> {
    const request = this.#send(`${this.#base}${path}`, {
      method: "PUT",
      agent: this.#agent,
      headers: { ...this.#headers, ...headers, "content-length": body.byteLength },
      signal,
    });
    // An answer may come before the body is sent, and break that off.
    request.on("error", () => undefined);
    const answered = once(request, "response");
    request.end(body);
    const [answer]: IncomingMessage[] = await answered;
    if (!answer) throw new Error("no answer");
    const data = parse(await text(answer));
    const { statusCode = 0 } = answer;
    if (statusCode < 200 || statusCode > 299) throw new RefusedWrite(answer, data);
    return { data: resultOf(data) };
  }
}
