import { randomUUID } from "node:crypto";
import type { QdrantClient } from "@qdrant/js-client-rest";
import { UnsiloedError } from "../../../errors.js";
import { abortError, type Clock, throwIfAborted } from "../../../internal/async/clock.js";
import { retry } from "../../../internal/async/retry.js";
import { parseRetryAfter } from "../../../internal/async/retry-after.js";
import { type AddProxy, openFetchProxy } from "../../../internal/http/proxy.js";
import { explainUndici } from "../../../internal/http/undici.js";
import type { SinkCallOptions } from "../../sink.js";
import type { QdrantAddress } from "./address.js";
import { type FailedCall, isTooLarge, timedOut, toStoreError } from "./errors.js";
import { JsonWriter, RefusedWrite } from "./json-writer.js";
import { RateLane } from "./rate-lane.js";
import { probeAnswer, REQUEST_ID_HEADER } from "./retry-after-probe.js";

/** What a connection needs of the sink's settings. */
export interface ConnectionSettings {
  collection: string;
  /** Time limit of one request, in milliseconds. */
  timeoutMs: number;
  /** Attempts of one request in total. */
  attempts: number;
  clock: Clock;
}

export type QdrantApi = ReturnType<QdrantClient["api"]>;

export interface CallOptions extends SinkCallOptions {
  /** Whether the caller divides a request that is too large; then it is not retried as it is. */
  splits?: boolean;
  /** Which rate limit of the server counts the request. @default "read" */
  lane?: "read" | "write";
}

interface RequestSettings {
  headers: Record<string, string>;
  signal: AbortSignal;
  redirect: "manual";
}

type Request<T> = (api: QdrantApi, init: RequestSettings) => Promise<{ data: T }>;

const API_KEY = /^[\x21-\x7e]+$/;

/** Sends requests through Qdrant's client, and adds time limits, retries, cancelling and the errors of this package. */
export class QdrantConnection {
  readonly address: QdrantAddress;
  readonly #settings: ConnectionSettings;
  readonly #apiKey: string | undefined;
  readonly #writer: JsonWriter;
  readonly #lanes: Readonly<Record<"read" | "write", RateLane>>;
  #client: Promise<QdrantApi> | undefined;
  #addProxy: Promise<AddProxy> | undefined;
  #version: readonly number[] | undefined;

  constructor(address: QdrantAddress, settings: ConnectionSettings, apiKey: string | undefined) {
    if (apiKey !== undefined && !API_KEY.test(apiKey)) {
      throw new UnsiloedError(
        "INVALID_OPTION",
        "QdrantSink: apiKey: expected printable characters without spaces or line ends",
      );
    }
    this.address = address;
    this.#settings = settings;
    this.#apiKey = apiKey;
    this.#writer = new JsonWriter(address, apiKey);
    this.#lanes = { read: new RateLane(settings.clock), write: new RateLane(settings.clock) };
  }

  /**
   * Returns the client, which is loaded on first use because importing it takes half a second.
   *
   * The key is sent as a plain header, because the client prints a warning for a key with `http`. Its time-out is off,
   * because it would replace our signal.
   */
  async #api(): Promise<QdrantApi> {
    this.#client ??= import("@qdrant/js-client-rest").catch(explainUndici).then(({ QdrantClient }) => {
      const { url, port, prefix } = this.address;
      const client = new QdrantClient({
        url,
        port,
        ...(prefix !== undefined && { prefix }),
        ...(this.#apiKey !== undefined && { headers: { "api-key": this.#apiKey } }),
        checkCompatibility: false,
        timeout: Number.POSITIVE_INFINITY,
      });
      return client.api();
    });
    return this.#client;
  }

  /**
   * Sends a request, with retries. Every request sent this way may safely be repeated.
   *
   * @param action what the request does, for messages: `searching`
   */
  async call<T>(action: string, request: Request<T>, options: CallOptions = {}): Promise<T> {
    const { signal, splits = false, lane = "read" } = options;
    const { clock, attempts } = this.#settings;
    throwIfAborted(signal);
    const api = await this.#api();
    const once = async (): Promise<T> => {
      try {
        return await this.#lanes[lane].run(() => this.#attempt(action, api, request, signal), signal);
      } catch (thrown) {
        if (!splits || !(thrown instanceof UnsiloedError) || !isTooLarge(thrown)) throw thrown;
        throw new UnsiloedError(thrown.code, thrown.message, { ...thrown.context, cause: thrown.cause });
      }
    };
    return retry(once, { attempts, signal, clock });
  }

  /** Sends a request like {@link call}, and returns the result in the envelope of the answer. */
  async result<T>(
    action: string,
    request: Request<{ result?: T }>,
    options: CallOptions = {},
  ): Promise<NonNullable<T>> {
    const { result } = await this.call(action, request, options);
    if (result == null) {
      throw new UnsiloedError(
        "STORE_REFUSED",
        `${this.address.label} answered ${action} without a result; check that the address is that of Qdrant`,
      );
    }
    return result;
  }

  /** Sends a write. It succeeds only when the server reports that it has been applied. */
  async write(
    action: string,
    request: Request<{ result?: { status: string } }>,
    options: CallOptions = {},
  ): Promise<void> {
    await this.result(
      action,
      async (api, init) => {
        const answer = await request(api, init);
        const status = answer.data.result?.status;
        if (status === "completed") return answer;
        throw new UnsiloedError(
          "STORE_UNREACHABLE",
          `Qdrant at ${this.address.label} accepted ${action} with status "${status}", expected "completed"`,
          { retryable: true },
        );
      },
      { ...options, lane: "write" },
    );
  }

  /** Writes points whose request is serialized already, without the client, which would serialize it again. */
  writePoints(body: Uint8Array, options: CallOptions): Promise<void> {
    const path = `/collections/${encodeURIComponent(this.#settings.collection)}/points?wait=true`;
    return this.write("writing points", (_api, init) => this.#writer.put(path, body, init), options);
  }

  /** Whether the server has at least this version. */
  async atLeast(minimum: string, options: SinkCallOptions): Promise<boolean> {
    this.#version ??= await this.#readVersion(options);
    const wanted = minimum.split(".").map(Number);
    const differing = wanted.findIndex((part, index) => part !== this.#version?.[index]);
    return differing < 0 || (this.#version[differing] ?? 0) > (wanted[differing] ?? 0);
  }

  get versionText(): string {
    return this.#version?.join(".") ?? "unknown";
  }

  async #readVersion(options: SinkCallOptions): Promise<number[]> {
    const data = await this.call("reading its version", (api, init) => api.root({}, init), options);
    const [, ...parts] = /^(\d+)\.(\d+)\.(\d+)/.exec(data?.version ?? "") ?? [];
    if (parts.length === 3) return parts.map(Number);
    throw new UnsiloedError(
      "STORE_REFUSED",
      `${this.address.label} does not answer like Qdrant; check the address`,
    );
  }

  async #attempt<T>(
    action: string,
    api: QdrantApi,
    request: Request<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    throwIfAborted(signal);
    const { collection, timeoutMs, clock } = this.#settings;
    const requestId = randomUUID();
    const probe = probeAnswer(requestId);
    const stop = new AbortController();
    const onAbort = () => stop.abort();
    const timer = setTimeout(onAbort, timeoutMs);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      this.#addProxy ??= openFetchProxy();
      const addProxy = await this.#addProxy;
      const headers = { [REQUEST_ID_HEADER]: requestId };
      return (await request(api, addProxy({ headers, signal: stop.signal, redirect: "manual" }))).data;
    } catch (thrown) {
      if (signal?.aborted) throw abortError(signal);
      const head = thrown instanceof RefusedWrite ? thrown : probe.head();
      const call: FailedCall = {
        address: this.address.label,
        collection,
        action,
        status: head?.status,
        retryAfterMs: parseRetryAfter(head?.retryAfter, clock.now()),
        apiKey: this.#apiKey,
      };
      throw stop.signal.aborted ? timedOut(call, timeoutMs) : toStoreError(thrown, call);
    } finally {
      probe.stop();
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }
}
