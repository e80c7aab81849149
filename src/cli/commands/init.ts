import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface, type Interface } from "node:readline/promises";
import { messageOf, UnsiloedError } from "../../errors.js";
import { propertyOf } from "../../internal/objects.js";
import type { UnsiloedConfig } from "../config/define-config.js";
import { CONFIG_FORMATS, type ConfigFormat, configsIn } from "../config/find-config.js";
import { addLines, configText, environmentText, IGNORED, isInRepository } from "../config/init-files.js";
import { checkConfig } from "../config/load-config.js";
import { loadEnvironment } from "../setup/environment.js";
import { configuredOf, MODELS, STORES } from "../setup/registry.js";
import { EXIT } from "../terminal/exit.js";
import type { Terminal } from "../terminal/terminal.js";

export interface InitCommandOptions {
  format?: ConfigFormat;
  yes?: boolean;
  force?: boolean;
}

/** Asks a question on the terminal. Without one the answer is the default. */
class Questions {
  readonly #terminal: Interface | undefined;

  constructor(isAsking: boolean) {
    this.#terminal = isAsking ? createInterface({ input: process.stdin, output: process.stderr }) : undefined;
  }

  async ask(question: string, standard: string): Promise<string> {
    const answer = await this.#terminal?.question(`${question} (${standard}) `);
    return answer?.trim() || standard;
  }

  async confirm(question: string): Promise<boolean> {
    return /^y/i.test(await this.ask(question, "yes"));
  }

  close(): void {
    this.#terminal?.close();
  }
}

/** Whether Node runs TypeScript here, itself or through an installed package. */
const runsTypeScript = (directory: string): boolean => {
  if (propertyOf(process.features, "typescript")) return true;
  try {
    createRequire(path.join(directory, "package.json")).resolve("jiti");
    return true;
  } catch {
    return false;
  }
};

/** Chooses TypeScript for projects in it that have this package installed, else JSON. */
const defaultFormat = (directory: string): ConfigFormat => {
  const isInstalled = existsSync(path.join(directory, "node_modules/unsiloed-ingest"));
  const isTypeScript = existsSync(path.join(directory, "tsconfig.json"));
  return isInstalled && isTypeScript && runsTypeScript(directory) ? "ts" : "json";
};

/** Returns the ending of a config file: that of modules in a project whose files are none. */
const endingOf = async (directory: string, format: ConfigFormat): Promise<string> => {
  if (format === "json") return format;
  const manifest = await readFile(path.join(directory, "package.json"), "utf8").catch(() => "{}");
  return /"type"\s*:\s*"module"/.test(manifest) ? format : `m${format}`;
};

const targetFile = async (directory: string, { format, force }: InitCommandOptions): Promise<string> => {
  const ending = await endingOf(directory, format ?? defaultFormat(directory));
  const file = path.join(directory, `unsiloed.config.${ending}`);
  const [existing] = configsIn(directory);
  if (existing === undefined || (force && existing === file)) return file;
  const name = path.basename(existing);
  throw new UnsiloedError(
    "INVALID_OPTION",
    force
      ? `${name} is there, and would be read beside ${path.basename(file)}; remove it, or choose its --format`
      : `${name} is there; change it, or write a new one with --force`,
  );
};

const askForConfig = async (questions: Questions): Promise<UnsiloedConfig> => {
  const environment = loadEnvironment();
  const store = configuredOf(STORES, environment) ?? STORES.find(({ variable }) => variable === undefined);
  const model = configuredOf(MODELS, environment) ?? MODELS.find(({ variable }) => variable === undefined);
  const sources = await questions.ask(
    "Directories, files or globs to ingest, with commas between?",
    "documents/",
  );
  return {
    sources: sources
      .split(",")
      .map((source) => source.trim())
      .filter(Boolean),
    store: await questions.ask("Store: lancedb, or qdrant:URL?", store?.name ?? ""),
    collection: await questions.ask("Collection?", "unsiloed"),
    embeddings: await questions.ask("Model: local, openai, openai:MODEL or URL#MODEL?", model?.name ?? ""),
  };
};

/** Writes what belongs to a config file: a list of variables, and what Git has to leave out. */
const writeBeside = async (
  directory: string,
  config: UnsiloedConfig,
  questions: Questions,
  out: Terminal,
) => {
  const example = path.join(directory, ".env.example");
  if (
    !existsSync(example) &&
    (await questions.confirm("Write .env.example, which lists the keys it needs?"))
  ) {
    await writeFile(example, environmentText(config));
    out.print("wrote .env.example: copy it to .env and fill it in");
  }
  if (!isInRepository(directory) || !(await questions.confirm(`Have Git ignore ${IGNORED.join(" and ")}?`)))
    return;
  const added = await addLines(path.join(directory, ".gitignore"), IGNORED);
  if (added.length > 0) out.print(`added to .gitignore: ${added.join(", ")}`);
};

/** Runs `unsiloed-ingest init`: writes a config file, with the answers to a few questions on a terminal. */
export const runInit = async (options: InitCommandOptions, out: Terminal): Promise<number> => {
  const directory = process.cwd();
  const file = await targetFile(directory, options);
  const questions = new Questions(!options.yes && process.stdin.isTTY && process.stderr.isTTY);
  try {
    const config = await askForConfig(questions);
    checkConfig(config, path.basename(file));
    const format = CONFIG_FORMATS.find((known) => file.endsWith(known)) ?? "json";
    await writeFile(file, configText(config, format));
    out.print(`wrote ${path.basename(file)}`);
    await writeBeside(directory, config, questions, out);
  } catch (thrown) {
    if (thrown instanceof UnsiloedError) throw thrown;
    // The end of the input, as by Ctrl-C or Ctrl-D.
    if (propertyOf(thrown, "code") === "ABORT_ERR") return EXIT.interrupted;
    throw new UnsiloedError("INVALID_OPTION", `init: cannot write here (${messageOf(thrown)})`, {
      cause: thrown,
    });
  } finally {
    questions.close();
  }
  out.print(
    'next: "unsiloed-ingest doctor" checks everything, "unsiloed-ingest plan" shows what a run would do',
  );
  return EXIT.ok;
};
