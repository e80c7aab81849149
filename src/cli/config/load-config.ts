import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, UnsiloedError } from "../../errors.js";
import { propertyOf } from "../../internal/objects.js";
import { importOptional } from "../../internal/optional-import.js";
import { parseOptions } from "../../internal/options.js";
import { type Config, configSchema } from "./config-schema.js";

/** How Node says that it cannot run a TypeScript file as it is: 20 none at all, later ones none with enums and the like. */
const NOT_RUN_BY_NODE: ReadonlySet<unknown> = new Set([
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
]);

/** Runs a file in TypeScript that Node does not run itself. */
const importByJiti = async (file: string): Promise<unknown> => {
  const { createJiti } = await importOptional(
    () => import("jiti"),
    `${path.basename(file)}, which Node ${process.versions.node} does not run itself,`,
    "jiti",
  );
  // Without its cache, which would be a file in node_modules.
  return createJiti(import.meta.url, { fsCache: false }).import(file);
};

const importFile = async (file: string): Promise<unknown> => {
  try {
    return await import(pathToFileURL(file).href);
  } catch (thrown) {
    if (!/\.[mc]?ts$/.test(file) || !NOT_RUN_BY_NODE.has(propertyOf(thrown, "code"))) throw thrown;
    return importByJiti(file);
  }
};

const readJson = async (file: string): Promise<unknown> => {
  const text = (await readFile(file, "utf8")).replace(/^\uFEFF/, "");
  try {
    return JSON.parse(text);
  } catch (cause) {
    const said = messageOf(cause);
    const position = / at position (\d+)/.exec(said);
    // Node names no position where the text ends too early, or where it quotes what it found.
    const end = position ? Number(position[1]) : said.includes("end of JSON") ? text.length : undefined;
    const line = end === undefined ? "" : `line ${text.slice(0, end).trimEnd().split("\n").length}: `;
    const reason = said.replace(/(?: in JSON)?(?: at position \d+.*)?$/, "");
    const message = `${line}not valid JSON (${reason}); JSON has no comments and no comma before a closing bracket`;
    throw new UnsiloedError("INVALID_OPTION", message, { cause });
  }
};

const readModule = async (file: string): Promise<unknown> => {
  const exported = propertyOf(await importFile(file), "default");
  if (exported !== undefined) return exported;
  throw new UnsiloedError(
    "INVALID_OPTION",
    "expected `export default defineConfig({ … })`, got no default export",
  );
};

/** An address with a user name, or with a parameter that is a key. */
const CREDENTIALS = /\/\/[^/?#\s]*@|[?&][\w.-]*(?:key|token|secret|password|signature|sig)=/i;

/** Refuses addresses with credentials, without repeating them. */
const refuseCredentials = ({ store, embeddings }: Config): void => {
  for (const [name, value = ""] of Object.entries({ store, embeddings }))
    if (CREDENTIALS.test(value))
      throw new UnsiloedError(
        "INVALID_OPTION",
        `${name}: expected an address without credentials; set keys in the environment or in a .env file`,
      );
};

/** Checks a config. @param name the file, for messages */
export const checkConfig = (given: unknown, name: string): Config => {
  const config = parseOptions(configSchema, given, name);
  refuseCredentials(config);
  return config;
};

/**
 * Reads and checks a config file. One in JavaScript or TypeScript is run, and its default export is the config.
 *
 * @throws UnsiloedError `INVALID_OPTION`, which names the file and what is wrong in it; `MISSING_PACKAGE` for a file in
 *   TypeScript that Node cannot run while `jiti` is not installed
 */
export const loadConfig = async (file: string): Promise<Config> => {
  const name = path.basename(file);
  try {
    const given = file.endsWith(".json") ? await readJson(file) : await readModule(file);
    return checkConfig(given, name);
  } catch (thrown) {
    if (thrown instanceof UnsiloedError && thrown.code === "MISSING_PACKAGE") throw thrown;
    const message = messageOf(thrown);
    throw new UnsiloedError(
      "INVALID_OPTION",
      message.startsWith(`${name}: `) ? message : `${name}: ${message}`,
      {
        cause: thrown,
      },
    );
  }
};
