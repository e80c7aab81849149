import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";

/** What a page may load and do: only what this server gives it. Texts of documents can be no code. */
const POLICY = [
  "default-src 'none'",
  // WebAssembly decodes pictures of PDF files; it is no way to run a text.
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Makes the secret of an address, which other programs on this machine and other pages cannot guess. */
export const newToken = (): string => randomBytes(24).toString("base64url");

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Compares in a time that says nothing of where two texts differ. */
const isSame = (given: string, expected: string): boolean => timingSafeEqual(digest(given), digest(expected));

/** Names by which a browser on this machine reaches the server. Any other host was sent here by a foreign name server. */
const isOwnHost = (host: string | undefined, port: number): boolean =>
  host === `127.0.0.1:${port}` || host === `localhost:${port}`;

const isOwnOrigin = (origin: string | undefined, port: number): boolean =>
  origin === undefined || origin === `http://127.0.0.1:${port}` || origin === `http://localhost:${port}`;

const REFUSAL = 'Open the address that "unsiloed-ingest inspect" printed.\n';

/** Requests that a page of another site makes name it; a click on a link in a terminal or mail names none. */
const FOREIGN_SITES: ReadonlySet<string> = new Set(["cross-site", "same-site"]);

/**
 * Lets only requests through that come from the page of this server, or that open it: with its host, with its token as
 * the first part of the path, and from no other origin.
 *
 * @param portOf the port of the server, once it listens
 */
export const guard =
  (token: string, portOf: () => number): MiddlewareHandler =>
  async (context, next) => {
    const port = portOf();
    const [, given = ""] = context.req.path.split("/");
    const isForeign =
      !isOwnHost(context.req.header("host"), port) ||
      !isOwnOrigin(context.req.header("origin"), port) ||
      FOREIGN_SITES.has(context.req.header("sec-fetch-site") ?? "");
    if (isForeign || !isSame(given, token)) context.res = context.text(REFUSAL, 403);
    else await next();
    // A file that is sent has a stricter policy of its own.
    for (const [name, value] of Object.entries(HEADERS))
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
  };
