import { UnsiloedError } from "../../errors.js";
import { propertyOf } from "../../internal/objects.js";

/** As far as causes are looked into. */
const DEPTH = 5;

/** An error and what caused it, and of an attempt at several addresses the last; errors of this package excepted. */
function* causesOf(thrown: unknown): Generator<Error> {
  let cause = thrown;
  for (let depth = 0; cause instanceof Error && depth < DEPTH; depth++) {
    if (!(cause instanceof UnsiloedError)) yield cause;
    cause = cause instanceof AggregateError ? (cause.cause ?? cause.errors.at(-1)) : cause.cause;
  }
}

const textOf = (error: Error, property: "code" | "syscall"): string | undefined => {
  const value = propertyOf(error, property);
  return typeof value === "string" ? value : undefined;
};

/** The first system or library error code in a chain of causes. */
export const codeOf = (thrown: unknown): string | undefined => {
  for (const error of causesOf(thrown)) {
    const code = textOf(error, "code");
    if (code !== undefined) return code;
  }
  return undefined;
};

/** Failures to connect, where the system call that failed is not told. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** System calls that come before anything is sent. */
const BEFORE_SENDING: ReadonlySet<string> = new Set(["getaddrinfo", "socket", "bind", "connect"]);

/** A failure of the handshake; records that cannot be read may come after it. */
const CERTIFICATE =
  /^(ERR_TLS|ERR_SSL_(?!.*(?:RECORD|DECRYPT))|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** What `fetch` says of addresses it does not even try: see "bad port" of https://fetch.spec.whatwg.org. */
const REFUSED_BY_FETCH = /^(?:bad port|unknown scheme|invalid url|failed to parse url)\b/i;

/** What undici says when a proxy does not open a tunnel, so that the request itself was never sent. */
const REFUSED_BY_PROXY = /^Proxy response \((\d+)\)/;

/** Whether no connection came about, which may do so later. */
export const isUnreachable = (thrown: unknown): boolean => {
  for (const error of causesOf(thrown)) {
    if (NOT_CONNECTED.has(textOf(error, "code") ?? "")) return true;
    if (BEFORE_SENDING.has(textOf(error, "syscall") ?? "")) return true;
  }
  return false;
};

/**
 * Why a request was not sent at all, as far as that is certain, and whether trying again may help.
 *
 * @returns `undefined` when something may have been sent
 */
export const whyNotSent = (thrown: unknown): { reason: string; retryable: boolean } | undefined => {
  const code = codeOf(thrown);
  if (isUnreachable(thrown)) return { reason: code ?? "no connection", retryable: true };
  if (code !== undefined && CERTIFICATE.test(code)) return { reason: code, retryable: false };
  for (const { message } of causesOf(thrown)) {
    const status = REFUSED_BY_PROXY.exec(message)?.[1];
    if (status) return { reason: `the proxy answered ${status}`, retryable: Number(status) >= 500 };
    if (REFUSED_BY_FETCH.test(message)) return { reason: message.toLowerCase(), retryable: false };
  }
  return undefined;
};
