import { randomUUID } from "node:crypto";
import { UnsiloedError } from "../../../errors.js";
import { abortError, type Clock, throwIfAborted } from "../../../internal/async/clock.js";
import { retry } from "../../../internal/async/retry.js";
import { parseRetryAfter } from "../../../internal/async/retry-after.js";
import { type AddProxy, openFetchProxy } from "../../../internal/http/proxy.js";
import type { SinkCallOptions } from "../../sink.js";
import type { QdrantAddress } from "./address.js";
import { type FailedCall, isOfNode, isTooLarge, noneAnswered, timedOut, toStoreError } from "./errors.js";
import { RefusedWrite } from "./json-writer.js";
import { type QdrantApi, QdrantNode } from "./node.js";
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

type Request<T> = (api: QdrantApi, init: RequestSettings, node: QdrantNode) => Promise<{ data: T }>;

const API_KEY = /^[\x21-\x7e]+$/;

/**
 * Sends requests through Qdrant's client, and adds time limits, retries, cancelling and the errors of this package.
 *
 * Of several addresses of one cluster, the one that answered last is used until it cannot be reached or serve; then the
 * next is asked at once, and after the last one the first again.
 */
export class QdrantConnection {
  readonly #settings: ConnectionSettings;
  readonly #apiKey: string | undefined;
  readonly #nodes: readonly [QdrantNode, ...QdrantNode[]];
  readonly #lanes: Readonly<Record<"read" | "write", RateLane>>;
  #node: QdrantNode;
  #addProxy: Promise<AddProxy> | undefined;
  #version: readonly number[] | undefined;

  /** @param addresses those of one server or cluster, the one that names the store first */
  constructor(
    [first, ...others]: readonly [QdrantAddress, ...QdrantAddress[]],
    settings: ConnectionSettings,
    apiKey: string | undefined,
  ) {
    if (apiKey !== undefined && !API_KEY.test(apiKey)) {
      throw new UnsiloedError(
        "INVALID_OPTION",
        "QdrantSink: apiKey: expected printable characters without spaces or line ends",
      );
    }
    this.#settings = settings;
    this.#apiKey = apiKey;
    const nodeAt = (address: QdrantAddress) => new QdrantNode(address, apiKey);
    this.#node = nodeAt(first);
    this.#nodes = [this.#node, ...others.map(nodeAt)];
    this.#lanes = { read: new RateLane(settings.clock), write: new RateLane(settings.clock) };
  }

  /** The first address, which names the store. */
  get address(): QdrantAddress {
    return this.#nodes[0].address;
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
    const once = async (): Promise<T> => {
      try {
        return await this.#lanes[lane].run(() => this.#attempt(action, request, signal), signal);
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
      async (...call) => {
        const answer = await request(...call);
        const status = answer.data.result?.status;
        if (status === "completed") return answer;
        throw new UnsiloedError(
          "STORE_UNREACHABLE",
          `Qdrant at ${this.address.label} accepted ${action} with status "${status}", expected "completed"`,
          { status: 200, retryable: true },
        );
      },
      { ...options, lane: "write" },
    );
  }

  /** Writes points whose request is serialized already, without the client, which would serialize it again. */
  writePoints(body: Uint8Array, options: CallOptions): Promise<void> {
    const path = `/collections/${encodeURIComponent(this.#settings.collection)}/points?wait=true`;
    return this.write("writing points", (_api, init, { writer }) => writer.put(path, body, init), options);
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

  /** Asks the addresses in turn, until one answers. */
  async #attempt<T>(action: string, request: Request<T>, signal: AbortSignal | undefined): Promise<T> {
    for (let tried = 1; ; tried++) {
      const node = this.#node;
      try {
        return await this.#ask(node, action, request, signal);
      } catch (thrown) {
        const nodes = this.#nodes;
        if (nodes.length === 1 || !isOfNode(thrown)) throw thrown;
        // Another request may have moved on already.
        if (this.#node === node) this.#node = nodes[(nodes.indexOf(node) + 1) % nodes.length] ?? node;
        if (tried === nodes.length)
          throw noneAnswered(
            nodes.map(({ address }) => address.label),
            thrown,
          );
      }
    }
  }

  async #ask<T>(
    node: QdrantNode,
    action: string,
    request: Request<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    throwIfAborted(signal);
    const api = await node.api();
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
      return (await request(api, addProxy({ headers, signal: stop.signal, redirect: "manual" }), node)).data;
    } catch (thrown) {
      if (signal?.aborted) throw abortError(signal);
      const head = thrown instanceof RefusedWrite ? thrown : probe.head();
      const call: FailedCall = {
        address: node.address.label,
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
