import { UnsiloedError } from "../../errors.js";

export interface QdrantAddress {
  /** Scheme and host, as the client wants them. */
  url: string;
  /** Always given: the client falls back to 6333 even for `https://host:443`. */
  port: number;
  /** Path in front of the API, which the client drops when it stands in the URL. */
  prefix: string | undefined;
  /** For messages. */
  label: string;
}

const refuse = (problem: string): UnsiloedError =>
  new UnsiloedError("INVALID_OPTION", `QdrantSink: url: ${problem}`);

/**
 * Takes an address apart for the client, keeping port and path as they were written.
 *
 * Without a port, `http` means 6333, Qdrant's own, and `https` means 443: TLS usually ends at a proxy, and Qdrant
 * Cloud listens on 443 as well as on 6333.
 *
 * @throws UnsiloedError `INVALID_OPTION`; the address is not repeated when it may hold a password
 */
export const parseAddress = (text: string | undefined): QdrantAddress => {
  const written = text?.trim();
  if (!written) throw refuse("expected the address of Qdrant, here or in QDRANT_URL, got nothing");
  if (!/^https?:\/\//i.test(written)) {
    throw refuse("expected an address that starts with http:// or https://, such as http://localhost:6333");
  }
  if (!URL.canParse(written)) {
    throw refuse("expected an address such as http://localhost:6333, got one that cannot be read");
  }
  const parsed = new URL(written);
  if (parsed.username || parsed.password) throw refuse("expected no user or password in it; use apiKey");
  const https = parsed.protocol === "https:";
  // URL drops a default port, so whether one was written shows only in the text.
  const explicit = /^https?:\/\/(?:\[[^\]]*\]|[^:/?#]*):(\d+)/i.exec(written)?.[1];
  const port = explicit === undefined ? (https ? 443 : 6333) : Number(explicit);
  const prefix = parsed.pathname.replace(/\/+$/, "") || undefined;
  const url = `${parsed.protocol}//${parsed.hostname}`;
  return { url, port, prefix, label: `${url}:${port}${prefix ?? ""}` };
};
