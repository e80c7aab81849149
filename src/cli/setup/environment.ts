import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { messageOf, UnsiloedError } from "../../errors.js";
import { propertyOf } from "../../internal/objects.js";
import { MODELS, STORES } from "./registry.js";

/** Environment variables, trimmed and without empty ones. Stores and models name theirs in their entries. */
export interface Environment extends Readonly<Record<string, string | undefined>> {
  /** Key of the parse service. */
  readonly UNSILOED_API_KEY?: string | undefined;
  /** Address of the parse service. */
  readonly UNSILOED_BASE_URL?: string | undefined;
}

/** Returns the values that must never be shown or written to disk. */
export const secretsOf = (environment: Environment): string[] =>
  ["UNSILOED_API_KEY", ...[...STORES, ...MODELS].flatMap(({ secrets = [] }) => secrets)]
    .map((name) => environment[name])
    .filter((secret) => secret !== undefined);

/** Reads the environment variables and, for those that are not set, a `.env` file in the working directory. */
export const loadEnvironment = (): Environment => {
  readDotEnv();
  return currentEnvironment();
};

/** Returns the environment variables as they are. */
export const currentEnvironment = (): Environment =>
  Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value?.trim() || undefined]));

/** Reads text as editors and shells of Windows write it, too: with a byte order mark, or in UTF-16. */
const decode = (bytes: Buffer): string => {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
};

const readDotEnv = (): void => {
  try {
    const variables = parseEnv(decode(readFileSync(".env")));
    for (const [name, value] of Object.entries(variables)) process.env[name] ??= value ?? "";
  } catch (thrown) {
    if (propertyOf(thrown, "code") === "ENOENT") return;
    throw new UnsiloedError(
      "INVALID_OPTION",
      `.env: expected a readable file of NAME=VALUE lines (${messageOf(thrown)}); correct or remove it`,
      { cause: thrown },
    );
  }
};
