import { pipeline, Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Dispatcher } from "undici";
import { UnsiloedError } from "../../errors.js";
import { untilAborted } from "../../internal/async/until-aborted.js";
import { openDispatcher, readProxies } from "../../internal/http/proxy.js";
import { loadUndici } from "../../internal/http/undici.js";
import { showUrl } from "../redact.js";
import { type AddressTrust, publicLookup, refusePrivateHost } from "./safe-address.js";

/** `fetch` as it is built into Node, or one that behaves like it. */
export type Fetch = typeof globalThis.fetch;

/** A document as it is streamed. */
export interface FileContent {
  bytes: number;
  /** Can be called once for each attempt. */
  stream(): AsyncIterable<Uint8Array>;
}

export interface HttpRequest {
  method: string;
  url: URL;
  headers: Readonly<Record<string, string>>;
  /** Text and forms are held in memory; the content of a file is streamed as fast as the network takes it. */
  body?: string | FormData | FileContent | undefined;
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  header(name: string): string | undefined;
  /** Must be read or destroyed, so that the connection becomes free. */
  body: Readable;
}

/** Says whether an address may be asked, redirects included. @throws UnsiloedError for one that may not */
export type AllowAddress = (url: URL) => AddressTrust;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

const DECODERS = new Map([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);

/** What `accept-encoding` may say: the encodings that answers are decoded from. */
export const ACCEPTED_ENCODINGS = "gzip, deflate, br";

const decoded = (body: Readable, encoding: string | undefined): Readable => {
  const decoder = DECODERS.get(encoding?.trim().toLowerCase() ?? "");
  // An error reaches the reader through the decoder, which `pipeline` destroys with it.
  return decoder ? pipeline(body, decoder(), () => undefined) : body;
};

type Encoded = Pick<Dispatcher.RequestOptions, "body"> & { headers: Record<string, string> };

const encode = async (body: HttpRequest["body"]): Promise<Encoded> => {
  if (body === undefined || typeof body === "string") return { body: body ?? null, headers: {} };
  if (body instanceof FormData) {
    // Encoded by Node: undici takes no forms but its own, and has no length for what it encodes.
    const form = new Response(body);
    const headers = { "content-type": form.headers.get("content-type") ?? "multipart/form-data" };
    return { body: Buffer.from(await form.arrayBuffer()), headers };
  }
  return {
    body: Readable.from(body.stream(), { objectMode: false }),
    // Object storage demands the length.
    headers: { "content-length": String(body.bytes) },
  };
};

/** Returns the address of a redirect that leaves the request as it is. */
const redirectTarget = (
  { url, method }: HttpRequest,
  status: number,
  location: string,
  hops: number,
): URL => {
  const to = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  const keepsMethod = status === 307 || status === 308 || method === "GET";
  if (to && keepsMethod && hops < MAX_REDIRECTS) return to;
  const reason = keepsMethod ? `after ${hops} redirects` : `for ${status} would turn ${method} into GET`;
  throw new UnsiloedError(
    "SERVICE_UNAVAILABLE",
    `${showUrl(url)} redirects to ${to ? showUrl(to) : "an unreadable address"}, which is not followed ${reason}`,
    { status },
  );
};

/**
 * Sends every request of this package to the parse service and to the addresses that the service names: directly, or
 * through the proxies that the environment names. Follows redirects, each to an address that is allowed.
 *
 * Sets no time limits: the signal of a request does, see `time-limit.ts`.
 */
export class Transport {
  readonly #fetch: Fetch | undefined;
  /** Connections to public hosts are kept apart: each was made with the check of its address. */
  readonly #dispatchers = new Map<AddressTrust, Promise<Dispatcher>>();

  /** @param fetch sends the requests in place of undici, and is not bound by `AddressTrust` */
  constructor(fetch?: Fetch) {
    this.#fetch = fetch;
  }

  /** Sends a request. @throws UnsiloedError for an address that is not allowed, or what breaks the connection */
  async send(request: HttpRequest, allow: AllowAddress): Promise<HttpAnswer> {
    let current = request;
    for (let hops = 0; ; hops++) {
      const trust = allow(current.url);
      const answer = this.#fetch
        ? await sendByFetch(this.#fetch, current)
        : await this.#sendDirectly(current, trust);
      const location = REDIRECTS.has(answer.status) ? answer.header("location") : undefined;
      if (location === undefined) return answer;
      answer.body.destroy();
      current = { ...current, url: redirectTarget(current, answer.status, location, hops) };
    }
  }

  async #sendDirectly({ url, method, headers, body, signal }: HttpRequest, trust: AddressTrust) {
    const dispatcher = await this.#dispatcher(trust);
    if (trust === "public" && readProxies()) await untilAborted(() => refusePrivateHost(url), signal);
    const { request } = await loadUndici();
    const encoded = await encode(body);
    const answer = await request(url, {
      method,
      headers: { ...headers, ...encoded.headers },
      body: encoded.body ?? null,
      signal,
      dispatcher,
    });
    // A body that is given up reports an error, which nobody may be waiting for.
    answer.body.on("error", () => undefined);
    const header = (name: string) => [answer.headers[name]].flat()[0];
    return { status: answer.statusCode, header, body: decoded(answer.body, header("content-encoding")) };
  }

  #dispatcher(trust: AddressTrust): Promise<Dispatcher> {
    const open =
      this.#dispatchers.get(trust) ?? openDispatcher(trust === "public" ? publicLookup() : undefined);
    this.#dispatchers.set(trust, open);
    return open;
  }
}

const sendByFetch = async (
  fetch: Fetch,
  { url, method, headers, body, signal }: HttpRequest,
): Promise<HttpAnswer> => {
  const init = { method, headers, signal, redirect: "manual" } as const;
  const sending =
    typeof body === "object" && "stream" in body
      ? { body: Readable.toWeb(Readable.from(body.stream())), duplex: "half" as const }
      : { ...(body !== undefined && { body }) };
  const response = await fetch(url.href, { ...init, ...sending });
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    body: response.body ? Readable.fromWeb(response.body).on("error", () => undefined) : Readable.from([]),
  };
};
