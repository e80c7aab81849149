import type { Dispatcher } from "undici";
import { openDispatcher } from "../../../internal/http/proxy.js";
import { propertyOf } from "../../../internal/objects.js";
import type { QdrantAddress } from "./address.js";

/** An answer other than 2xx, as the client's own errors give it. */
export class RefusedWrite extends Error {
  readonly status: number;
  /** What the server said. */
  readonly data: unknown;
  readonly retryAfter: string | undefined;

  constructor({ statusCode, headers }: Dispatcher.ResponseData, data: unknown) {
    super(`status ${statusCode}`);
    this.status = statusCode;
    this.data = data;
    this.retryAfter = [headers["retry-after"]].flat()[0];
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
  typeof propertyOf(value, "status") === "string";

/** The `result` of an answer in the server's envelope. */
const resultOf = (data: unknown): { result?: { status: string } } => {
  const result = propertyOf(data, "result");
  return hasStatus(result) ? { result } : {};
};

/**
 * Sends JSON that is printed already. The Qdrant client takes objects only, and would print millions of numbers once
 * more; `fetch` would copy every body and gives up after five minutes without an answer.
 */
export class JsonWriter {
  readonly #base: URL;
  readonly #headers: Readonly<Record<string, string>>;
  #dispatcher: Promise<Dispatcher> | undefined;

  constructor({ label }: QdrantAddress, apiKey: string | undefined) {
    this.#base = new URL(label);
    this.#headers = {
      "content-type": "application/json",
      accept: "application/json",
      ...(apiKey !== undefined && { "api-key": apiKey }),
    };
  }

  /**
   * Sends a body with `PUT`, directly or through the proxy that the environment names.
   *
   * @throws RefusedWrite, or what breaks the connection; redirects are answers like any other
   */
  async put(
    path: string,
    body: Uint8Array,
    { headers, signal }: { headers: Readonly<Record<string, string>>; signal: AbortSignal },
  ): Promise<{ data: { result?: { status: string } } }> {
    this.#dispatcher ??= openDispatcher();
    const { origin, pathname } = this.#base;
    const answer = await (await this.#dispatcher).request({
      method: "PUT",
      origin,
      path: `${pathname.replace(/\/$/, "")}${path}`,
      headers: { ...this.#headers, ...headers },
      body,
      signal,
    });
    const data = parse(await answer.body.text());
    if (answer.statusCode < 200 || answer.statusCode > 299) throw new RefusedWrite(answer, data);
    return { data: resultOf(data) };
  }
}
