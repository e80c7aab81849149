import type { ClientOptions, OpenAI } from "openai";
import { openFetchProxy } from "../../internal/http/proxy.js";
import type { PackedOpenAISettings } from "./options.js";

/** Names in the query of an address that announce a secret. */
const SECRET_NAME = /key|token|secret|password|sig|code/i;

/** Shorter values of headers are no secrets, and would be found everywhere. */
const MIN_SECRET = 8;

/** Whether an address is one of Azure's, which take the key in a header of their own. */
const isOfAzure = ({ hostname, pathname }: URL): boolean =>
  /\.azure\.(?:com|us|cn)$/.test(hostname) || pathname.includes("/openai/deployments/");

/** Whether an address is OpenAI's own, where nothing works without a key. */
export const isOfOpenAI = (address: string): boolean =>
  /(?:^|\.)openai\.com$/.test(new URL(address).hostname);

/** Returns what must not be shown of what a service says: it may quote the request. */
export const secretsOf = ({ apiKey, baseURL, headers }: PackedOpenAISettings): string[] => {
  const inQuery = [...new URL(baseURL).searchParams].flatMap(([name, value]) =>
    SECRET_NAME.test(name) ? [value] : [],
  );
  const inHeaders = Object.values(headers).filter((value) => value.length >= MIN_SECRET);
  return [...(apiKey === undefined ? [] : [apiKey]), ...inQuery, ...inHeaders];
};

/**
 * Opens a client of the `openai` package, which is loaded here. Its own retries are off because their waits have no
 * limit and ignore the signal.
 */
export const openClient = async (
  { apiKey, baseURL, headers, organization, timeoutMs }: PackedOpenAISettings,
  fetch: typeof globalThis.fetch | undefined,
): Promise<OpenAI> => {
  const { OpenAI } = await import("openai");
  /** Keeps the whole body of an error: the package keeps its member `error` only, which many servers do not have. */
  class Client extends OpenAI {
    protected override makeStatusError(
      status: number,
      body: unknown,
      text: string | undefined,
      answered: Headers,
    ) {
      return super.makeStatusError(status, { error: body ?? text }, undefined, answered);
    }
  }
  const url = new URL(baseURL);
  const sendsBearer = apiKey !== undefined && !isOfAzure(url);
  const addProxy = await openFetchProxy();
  const fetchOptions: NonNullable<ClientOptions["fetchOptions"]> = {};
  return new Client({
    // The package insists on a key; where there is none, it is not sent.
    apiKey: apiKey ?? "none",
    baseURL: `${url.origin}${url.pathname}`,
    defaultQuery: Object.fromEntries(url.searchParams),
    defaultHeaders: {
      ...(!sendsBearer && { Authorization: null }),
      ...(apiKey !== undefined && !sendsBearer && { "api-key": apiKey }),
      ...headers,
    },
    maxRetries: 0,
    timeout: timeoutMs,
    ...(organization && { organization }),
    ...(fetch ? { fetch } : { fetchOptions: addProxy(fetchOptions) }),
  });
};
