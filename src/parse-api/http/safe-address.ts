import dns, { type LookupAddress, type LookupAllOptions } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { UnsiloedError } from "../../errors.js";
import { showUrl } from "../redact.js";

/** Of IPv6 only this range is public; loopback, unique-local, link-local, multicast and mapped IPv4 are outside it. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** Returns whether an IP address can belong to a public host: IANA lists it for no special purpose. */
export const isPublicAddress = (address: string): boolean => {
  const plain = address.replace(/%.*$/, "");
  // ipaddr.js also reads forms such as 0177.1, which no resolver gives.
  if (isIP(plain) === 0) return false;
  const parsed = ipaddr.parse(plain);
  return parsed.range() === "unicast" && (parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_IPV6));
};

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");

/** Whether a host says by its very name that it is not public. */
const isPrivateName = (host: string): boolean =>
  isIP(host) ? !isPublicAddress(host) : /(^|\.)(localhost|local|internal|lan|home\.arpa)$/i.test(host);

/** Returns whether an address names this machine, as that of a local emulator does. */
export const isThisMachine = (url: URL): boolean => {
  const host = hostOf(url);
  return isIP(host) ? ipaddr.parse(host).range() === "loopback" : /(^|\.)localhost$/i.test(host);
};

/** Which addresses a program may be sent to by an answer of the service. */
export interface AddressPolicy {
  baseUrl: URL;
  /** Trust every http and https address. */
  allowPrivateAddresses: boolean;
}

/** How far an address is trusted: as it is, or only if its host turns out to be public when it is looked up. */
export type AddressTrust = "trusted" | "public";

type Resolve = (
  host: string,
  options: LookupAllOptions,
  callback: (error: Error | null, found: LookupAddress[]) => void,
) => void;

/**
 * Makes a function that finds a host as `dns.lookup` does, and refuses it unless all its addresses are public. What is
 * checked is what is connected to, so a name that points elsewhere a moment later is of no use.
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

/**
 * Looks up a host that a proxy is going to connect to, and refuses it unless all its addresses are public.
 *
 * The proxy looks the name up itself, so this is a check and no guarantee: a name may lead the proxy elsewhere, and a
 * name that is unknown here is left to the proxy, as networks behind a proxy often resolve no names of others.
 *
 * @throws UnsiloedError `UNSAFE_ADDRESS`
 */
export const refusePrivateHost = (url: URL, resolve: Resolve = dns.lookup): Promise<void> =>
  new Promise((done, reject) => {
    publicLookup(resolve)(hostOf(url), { all: true }, (error) => {
      if (error instanceof UnsiloedError) reject(error);
      else done();
    });
  });

/** Tells whether an address is of a public host, as far as its name and this machine's resolver say. */
export const isPublicHost = async (url: URL, resolve: Resolve = dns.lookup): Promise<boolean> => {
  if (isPrivateName(hostOf(url))) return false;
  return refusePrivateHost(url, resolve).then(
    () => true,
    () => false,
  );
};

const refused = (reason: string): UnsiloedError =>
  new UnsiloedError("UNSAFE_ADDRESS", `${reason}; the option allowPrivateAddresses lets it be used`);

/**
 * Checks an address that the service named, for a result or an upload: https to a public host, or the host of
 * `baseUrl` itself. Where `baseUrl` is http or a private host, as of a local emulator, all addresses are trusted.
 *
 * What is checked here is scheme, host name and an address written as a number. `Transport` checks what a name stands
 * for: on the connection itself, or beforehand where a proxy makes the connection.
 *
 * @throws UnsiloedError `UNSAFE_ADDRESS`
 */
export const allowAddress = (url: URL, { baseUrl, allowPrivateAddresses }: AddressPolicy): AddressTrust => {
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  const trusting = allowPrivateAddresses || baseUrl.protocol === "http:" || isPrivateName(hostOf(baseUrl));
  if (isWeb && trusting) return "trusted";
  if (url.protocol !== "https:") throw refused(`expected an https address, got ${showUrl(url)}`);
  if (url.hostname === baseUrl.hostname) return "trusted";
  // A host that is an IP address is never looked up.
  if (isIP(hostOf(url)) && !isPublicAddress(hostOf(url)))
    throw refused(`${showUrl(url)} is not a public host`);
  return "public";
};
