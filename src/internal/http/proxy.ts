import type { LookupFunction } from "node:net";
import type { Dispatcher } from "undici";
import { UnsiloedError } from "../../errors.js";
import { loadUndici } from "./undici.js";

/** Hosts on this machine are reached directly: a proxy elsewhere would look for them on its own machine. */
const LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"];

/** Proxies that the environment names, as undici's `EnvHttpProxyAgent` takes them. */
export interface ProxySettings {
  httpProxy: string;
  httpsProxy: string;
  noProxy: string;
}

const fromEnvironment = (name: string): string =>
  (process.env[name.toLowerCase()] ?? process.env[name] ?? "").trim();

const proxyFromEnvironment = (name: string): string => {
  const address = fromEnvironment(name);
  const protocol = URL.canParse(address) ? new URL(address).protocol : undefined;
  if (address === "" || protocol === "http:" || protocol === "https:") return address;
  // The address is not quoted, as it may hold a password.
  throw new UnsiloedError(
    "INVALID_OPTION",
    `${name}: expected the address of a proxy such as http://proxy.example:8080; change this environment variable`,
  );
};

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` from the environment, in lower case first, as curl does.
 *
 * Without `HTTPS_PROXY`, `HTTP_PROXY` serves https too. Hosts on this machine are never reached through a proxy.
 *
 * @returns `undefined` where the environment names no proxy
 * @throws UnsiloedError `INVALID_OPTION` for a proxy that is no http or https address
 */
export const readProxies = (): ProxySettings | undefined => {
  const httpProxy = proxyFromEnvironment("HTTP_PROXY");
  const httpsProxy = proxyFromEnvironment("HTTPS_PROXY");
  if (!httpProxy && !httpsProxy) return undefined;
  const noProxy = fromEnvironment("NO_PROXY");
  return { httpProxy, httpsProxy, noProxy: noProxy === "*" ? "*" : [noProxy, ...LOCAL_HOSTS].join(",") };
};

/**
 * Opens connections directly, or through the proxies that the environment names. Has no time limits of its own:
 * the sender of a request limits it.
 *
 * @param lookup finds the hosts that are reached directly; a proxy finds hosts itself
 * @throws UnsiloedError `INVALID_OPTION` as {@link readProxies} does
 */
export const openDispatcher = async (lookup?: LookupFunction): Promise<Dispatcher> => {
  const proxies = readProxies();
  const { Agent, EnvHttpProxyAgent } = await loadUndici();
  const options = { headersTimeout: 0, bodyTimeout: 0, ...(lookup && { connect: { lookup } }) };
  // Plain http is forwarded, for many proxies tunnel to port 443 only.
  return proxies ? new EnvHttpProxyAgent({ ...options, ...proxies, proxyTunnel: false }) : new Agent(options);
};

/** Adds to the settings of a request for `fetch`. */
export type AddProxy = <T extends object>(init: T) => T;

/**
 * Makes a function that sends requests of Node's `fetch` through the proxies that the environment names. Where it names
 * none the function changes nothing, so that `fetch` behaves as it always does.
 *
 * @throws UnsiloedError `INVALID_OPTION` as {@link readProxies} does
 */
export const openFetchProxy = async (): Promise<AddProxy> => {
  if (!readProxies()) return (init) => init;
  const dispatcher = await openDispatcher();
  return (init) => ({ ...init, dispatcher });
};
