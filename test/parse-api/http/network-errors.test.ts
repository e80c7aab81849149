import { describe, expect, it } from "vitest";
import { UnsiloedError } from "../../../src/errors.js";
import { whyNotSent } from "../../../src/parse-api/http/network-errors.js";

const failed = (cause: unknown) => new TypeError("fetch failed", { cause });

const system = (code: string, syscall: string) => Object.assign(new Error(code), { code, syscall });

describe("a request that failed", () => {
  it.each([
    ["a refused connection", failed(system("ECONNREFUSED", "connect")), "ECONNREFUSED", true],
    ["a connection that never came about", failed(system("ETIMEDOUT", "connect")), "ETIMEDOUT", true],
    ["a firewall", failed(system("EPERM", "connect")), "EPERM", true],
    ["no sockets left", failed(system("EMFILE", "socket")), "EMFILE", true],
    ["a name server that is out", failed(system("EAI_FAIL", "getaddrinfo")), "EAI_FAIL", true],
    [
      "several addresses",
      failed(new AggregateError([system("ENETUNREACH", "connect"), system("ETIMEDOUT", "connect")])),
      "ETIMEDOUT",
      true,
    ],
    [
      "a certificate",
      failed(Object.assign(new Error("expired"), { code: "CERT_HAS_EXPIRED" })),
      "CERT_HAS_EXPIRED",
      false,
    ],
    ["a port that fetch refuses", failed(new Error("bad port")), "bad port", false],
    [
      "an address that is none",
      new TypeError("Failed to parse URL from x"),
      "failed to parse url from x",
      false,
    ],
  ])("was not sent for %s", (_name, thrown, reason, retryable) => {
    expect(whyNotSent(thrown)).toEqual({ reason, retryable });
  });

  it.each([
    ["a connection that broke", failed(system("ECONNRESET", "read"))],
    ["a connection that fell silent", failed(system("ETIMEDOUT", "read"))],
    ["a broken pipe", failed(system("EPIPE", "write"))],
    [
      "a record that cannot be read",
      failed(Object.assign(new Error("bad record"), { code: "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC" })),
    ],
    ["no answer in time", new UnsiloedError("SERVICE_UNAVAILABLE", "bad port", { retryable: true })],
    ["something else", failed(new Error("other side closed"))],
    ["what is no error", "ECONNREFUSED"],
  ])("may have been sent for %s", (_name, thrown) => {
    expect(whyNotSent(thrown)).toBeUndefined();
  });
});
