/** The query of an address and any credentials in it: where presigned URLs carry their signature. */
const ADDRESS = /\b(https?:\/\/)(?:[^\s/@"'<>]*@)?([^\s?#"'<>]*)(?:[?#][^\s"'<>]*)?/gi;

/** Text of the service as it may be shown: without the API key and without what makes presigned URLs work. */
export const redact = (text: string, apiKey?: string): string => {
  const shown = text.replace(ADDRESS, "$1$2");
  return apiKey ? shown.replaceAll(apiKey, "[api key]") : shown;
};

/** An address as it may be shown. */
export const showUrl = (url: URL): string => `${url.origin}${url.pathname}`;
