import { UnsiloedError } from "../../../errors.js";

export interface QdrantAddress {
  /** Scheme and host. */
  url: string;
  /** Always set, because the client uses 6333 even for `https://host:443`. */
  port: number;
  /** Path before that of the API. Separate, because the client drops it from the URL. */
  prefix: string | undefined;
  /** The whole address, for messages. */
  label: string;
}

/** Parses the addresses of one cluster, in a list or separated by commas; as {@link parseAddress}. */
export const parseAddresses = (
  given: string | readonly string[] | undefined,
): readonly [QdrantAddress, ...QdrantAddress[]] => {
  const written = [given ?? []].flat().flatMap((text) => text.split(","));
  const [first, ...others] = written.filter((text) => text.trim() !== "");
  return [parseAddress(first), ...others.map(parseAddress)];
};

const refuse = (problem: string): UnsiloedError =>
  new UnsiloedError("INVALID_OPTION", `QdrantSink: url: ${problem}`);

/**
 * Parses an address for the client, and keeps port and path as they were written.
 *
 * Without a port, `http` means 6333, Qdrant's own, and `https` means 443: TLS usually ends at a proxy, and Qdrant Cloud
 * listens on 443 as well as on 6333.
 *
 * @throws UnsiloedError `INVALID_OPTION`; the message does not quote the address, which may contain a password
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
  if (parsed.username || parsed.password)
    throw refuse("expected no user name or password in it; pass apiKey");
  const https = parsed.protocol === "https:";
  // URL drops a default port, so only the text shows whether one was written.
  const explicit = /^https?:\/\/(?:\[[^\]]*\]|[^:/?#]*):(\d+)/i.exec(written)?.[1];
  const port = explicit === undefined ? (https ? 443 : 6333) : Number(explicit);
  const prefix = parsed.pathname.replace(/\/+$/, "") || undefined;
  const url = `${parsed.protocol}//${parsed.hostname}`;
  return { url, port, prefix, label: `${url}:${port}${prefix ?? ""}` };
};
