import dns, { type LookupAddress, type LookupAllOptions } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { UnsiloedError } from "../../errors.js";
import { showUrl } from "../redact.js";

/** IANA's registries of special-purpose addresses: all that no public host has. */
const SPECIAL = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  SPECIAL.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  SPECIAL.addSubnet(network, prefix, "ipv6");

/** Of IPv6 only 2000::/3 is public; loopback, unique-local, link-local, multicast and mapped IPv4 are outside it. */
const GLOBAL = new BlockList();
GLOBAL.addSubnet("2000::", 3, "ipv6");

/** Whether an IP address can belong to a public host. */
export const isPublicAddress = (address: string): boolean => {
  const plain = address.replace(/%.*$/, "");
  const version = isIP(plain);
  if (version === 4) return !SPECIAL.check(plain, "ipv4");
  return version === 6 && GLOBAL.check(plain, "ipv6") && !SPECIAL.check(plain, "ipv6");
};

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");

/** Whether a host says by its very name that it is not public. */
const isPrivateName = (host: string): boolean =>
  isIP(host) ? !isPublicAddress(host) : /(^|\.)(localhost|local|internal|lan|home\.arpa)$/i.test(host);

/** Which addresses a program may be sent to by an answer of the service. */
export interface AddressPolicy {
  baseUrl: URL;
  /** Trust every http and https address. */
  allowPrivateAddresses: boolean;
}

export interface AllowedAddress {
  url: URL;
  /** Finds the host; refuses one that is not public. `undefined` where the host is trusted. */
  lookup: LookupFunction | undefined;
}

type Resolve = (
  host: string,
  options: LookupAllOptions,
  callback: (error: Error | null, found: LookupAddress[]) => void,
) => void;

/**
 * Finds a host as `dns.lookup` does, and refuses it unless all its addresses are public. What is checked is what is
 * connected to, so a name that points elsewhere a moment later is of no use.
 */
export const publicLookup =
  (resolve: Resolve = dns.lookup): LookupFunction =>
  (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, "", 0);
      const [first] = found;
      if (!first || !found.every(({ address }) => isPublicAddress(address)))
        return callback(refused(`${host} has an address that is not public`), "", 0);
      if (options.all) return callback(null, found);
      return callback(null, first.address, first.family);
    });
  };

const refused = (reason: string): UnsiloedError =>
  new UnsiloedError("UNSAFE_ADDRESS", `${reason}; the option allowPrivateAddresses lets it be used`);

/**
 * Checks an address that the service named, for a result or an upload: https to a public host, or the host of
 * `baseUrl` itself. Where `baseUrl` is http or a private host, as of a local emulator, all addresses are trusted.
 *
 * @throws UnsiloedError `UNSAFE_ADDRESS`
 */
export const allowAddress = (
  url: URL,
  { baseUrl, allowPrivateAddresses }: AddressPolicy,
  lookup: LookupFunction = publicLookup(),
): AllowedAddress => {
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  const trusting = allowPrivateAddresses || baseUrl.protocol === "http:" || isPrivateName(hostOf(baseUrl));
  if (isWeb && trusting) return { url, lookup: undefined };
  if (url.protocol !== "https:") throw refused(`expected an https address, got ${showUrl(url)}`);
  if (url.hostname === baseUrl.hostname) return { url, lookup: undefined };
  // A host that is an IP address is never looked up.
  if (isIP(hostOf(url)) && !isPublicAddress(hostOf(url)))
    throw refused(`${showUrl(url)} is not a public host`);
  return { url, lookup };
};
