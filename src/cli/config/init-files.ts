import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { MODELS, STORES } from "../setup/registry.js";
import { DEFAULT_STATE } from "../setup/state.js";
import type { UnsiloedConfig } from "./define-config.js";
import type { ConfigFormat } from "./find-config.js";

// The files that `init` writes, each as a text.

/** Writes a config file. */
export const configText = (config: UnsiloedConfig, format: ConfigFormat): string => {
  const json = JSON.stringify(config, null, 2);
  if (format === "json") return `${json}\n`;
  return `import { defineConfig } from "unsiloed-ingest/config";\n\nexport default defineConfig(${json});\n`;
};

/** Lists the variables of keys and addresses that a config needs, with what they are for. */
export const environmentText = ({ store = "", embeddings = "" }: UnsiloedConfig): string => {
  const isChosen = ({ name }: { name: string }, choice: string) => choice.split(":", 1)[0] === name;
  const model = /^https?:/i.test(embeddings)
    ? MODELS.find(({ hasAddresses }) => hasAddresses)
    : MODELS.find((entry) => isChosen(entry, embeddings));
  const variables = {
    UNSILOED_API_KEY: "key of the parse API",
    ...model?.variables,
    ...STORES.find((entry) => isChosen(entry, store))?.variables,
  };
  const lines = Object.entries(variables).map(([name, meaning]) => `# ${meaning}\n${name}=\n`);
  return `# Copy this file to .env, which is not committed, and fill it in.\n\n${lines.join("\n")}`;
};

/** Whether a directory is in a repository of Git. */
export const isInRepository = (directory: string): boolean =>
  existsSync(path.join(directory, ".git")) ||
  (directory !== path.dirname(directory) && isInRepository(path.dirname(directory)));

/** Adds lines to a file that are not there yet. @returns those that were added */
export const addLines = async (file: string, lines: readonly string[]): Promise<string[]> => {
  const before = await readFile(file, "utf8").catch(() => "");
  const known = new Set(before.split(/\r?\n/).map((line) => line.trim().replace(/\/$/, "")));
  const missing = lines.filter((line) => !known.has(line.replace(/\/$/, "")));
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  if (missing.length > 0) await writeFile(file, `${before}${gap}${missing.join("\n")}\n`);
  return missing;
};

/** What must not be committed: keys, and what a run writes. */
export const IGNORED = [".env", `${DEFAULT_STATE}/`] as const;
