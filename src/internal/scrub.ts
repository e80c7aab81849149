/** The query of an address and any credentials in it: where presigned URLs carry their signature, databases a password. */
const ADDRESS = /\b((?:https?|postgres(?:ql)?):\/\/)(?:[^\s/@"'<>]*@)?([^\s?#"'<>]*)(?:[?#][^\s"'<>]*)?/gi;

/** A text whose addresses are without credentials, query and fragment. */
export const withoutQueries = (text: string): string => text.replace(ADDRESS, "$1$2");

/** What follows a name that announces a secret, and the forms in which services write their keys. */
const ANNOUNCED =
  /\b((?:api[-_ ]?key|authorization|x-api-key|access[-_]?token|secret|password)["']?\s*[:=]\s*["']?(?:bearer\s+)?|bearer\s+)[^\s"',;]+/gi;
const KEY = /\b(?:sk|pk|rk|ghp|gho|xox[abp]|AKIA|AIza|eyJ)[-_A-Za-z0-9]{16,}(?:\.[-_A-Za-z0-9]+)*/g;

/** A text without addresses' queries and credentials, and without what looks like a key or announces one. */
export const withoutKeys = (text: string): string =>
  withoutQueries(text).replace(ANNOUNCED, "$1[secret]").replace(KEY, "[secret]");

/**
 * Text as it may be written down: on one line, not too long, without addresses' queries, without what looks like a
 * key, and without the secrets that are known.
 */
export const scrub = (text: string, secrets: readonly string[] = [], maxLength = 500): string => {
  let shown = text;
  for (const secret of secrets) if (secret !== "") shown = shown.replaceAll(secret, "[secret]");
  shown = withoutKeys(shown).replace(/\s+/g, " ").trim();
  return shown.length > maxLength ? `${shown.slice(0, maxLength - 1)}…` : shown;
};
