import { withoutKeys } from "../internal/scrub.js";

/** Text of the service as it may be shown: without the API key and without what makes presigned URLs work. */
export const redact = (text: string, apiKey?: string): string => {
  const shown = apiKey ? text.replaceAll(apiKey, "[api key]") : text;
  return withoutKeys(shown);
};

/** An address as it may be shown. */
export const showUrl = (url: URL): string => `${url.origin}${url.pathname}`;
