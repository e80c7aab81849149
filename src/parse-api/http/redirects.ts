import { UnsiloedError } from "../../errors.js";
import { showUrl } from "../redact.js";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

/** `fetch` as it is built into Node, or one that behaves like it. */
export type Fetch = typeof globalThis.fetch;

/**
 * `fetch`, following a redirect only where `mayFollow` allows it and the request stays the same. Left alone, fetch
 * would send an `api-key` header on to whatever host an answer names; only `authorization` is dropped on the way.
 */
export const fetchFollowing = async (
  fetch: Fetch,
  start: URL,
  init: RequestInit,
  mayFollow: (to: URL) => boolean,
): Promise<Response> => {
  let url = start;
  for (let hops = 0; ; hops++) {
    const response = await fetch(url.href, { ...init, redirect: "manual" });
    const location = REDIRECTS.has(response.status) ? response.headers.get("location") : null;
    if (location === null) return response;
    await response.body?.cancel();
    const to = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    const keepsMethod = response.status === 307 || response.status === 308 || init.method === "GET";
    if (!to || !keepsMethod || hops >= MAX_REDIRECTS || !mayFollow(to)) {
      throw new UnsiloedError(
        "SERVICE_UNAVAILABLE",
        `${showUrl(url)} redirects to ${to ? showUrl(to) : "an unreadable address"}, which is not followed: ` +
          "requests go to the configured host only. Check baseUrl (UNSILOED_BASE_URL)",
        { status: response.status },
      );
    }
    url = to;
  }
};
