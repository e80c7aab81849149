import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import { besideEntry } from "../../internal/installed.js";
import { propertyOf } from "../../internal/objects.js";

/** The paths of the files of a static model. */
export interface ModelFiles {
  config: string;
  tokenizer: string;
  vectors: string;
}

/** Returns the files of a model in a directory. */
export const modelFiles = (directory: string): ModelFiles => ({
  config: path.join(directory, "config.json"),
  tokenizer: path.join(directory, "tokenizer.json"),
  vectors: path.join(directory, "vectors.bin"),
});

/**
 * The files beside this module, in the sources and in the built package. In a bundle of webpack they are copies under
 * new names, for it copies what is named this way; Vite would write 26 MB into the code, and is told not to. A CommonJS
 * bundle of esbuild does not know where it is.
 */
const besideModule = () =>
  import.meta.url === undefined
    ? undefined
    : {
        config: new URL(/* @vite-ignore */ "./model/config.json", import.meta.url),
        tokenizer: new URL(/* @vite-ignore */ "./model/tokenizer.json", import.meta.url),
        vectors: new URL(/* @vite-ignore */ "./model/vectors.bin", import.meta.url),
      };

/**
 * Finds the files of the bundled model: beside this module, or for a bundle in this package where it is installed.
 *
 * @throws UnsiloedError `MISSING_PACKAGE` in a bundle, when they are in neither place
 */
export const findBundledModel = (): ModelFiles => {
  const beside = besideModule();
  if (beside && existsSync(beside.config)) {
    const { config, tokenizer, vectors } = beside;
    return {
      config: fileURLToPath(config),
      tokenizer: fileURLToPath(tokenizer),
      vectors: fileURLToPath(vectors),
    };
  }
  try {
    return modelFiles(besideEntry("unsiloed-ingest/embeddings/local", "model"));
  } catch (thrown) {
    throw missing(beside?.config.href ?? "config.json", thrown);
  }
};

const configSchema = z.looseObject({
  name: z.string().min(1),
  version: z.number().int().min(1),
  dimensions: z.number().int().min(1),
  /** How many tokens the vocabulary has. */
  tokens: z.number().int().min(1),
});

/** What `config.json` of a static model says. */
export type ModelConfig = z.output<typeof configSchema>;

/** Returns the name that collections record: it changes with the version, because the vectors do. */
export const modelName = ({ name, version }: ModelConfig): string => `${name}-${version}`;

const missing = (file: string, cause: unknown): UnsiloedError =>
  new UnsiloedError(
    "MISSING_PACKAGE",
    `the embedding model is incomplete: there is no file ${file}; install the package unsiloed-ingest where your bundle runs, or copy the directory "model" beside its entry point unsiloed-ingest/embeddings/local there and name the copy in "directory"`,
    { cause },
  );

/** Makes the error for a file of the model that cannot be read. */
export const unreadable = (file: string, thrown: unknown): UnsiloedError =>
  propertyOf(thrown, "code") === "ENOENT"
    ? missing(file, thrown)
    : new UnsiloedError("MISSING_PACKAGE", `the embedding model cannot be read: ${file}: ${thrown}`, {
        cause: thrown,
      });

/** Makes the error for a file of the model with wrong contents. */
export const damaged = (file: string, problem: string): UnsiloedError =>
  new UnsiloedError("MISSING_PACKAGE", `the embedding model is damaged: ${file}: ${problem}`);

/** Reads JSON of a schema. */
export const parseFile = <T>(file: string, schema: z.ZodType<T>, text: string): T => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw damaged(file, String(thrown));
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw damaged(file, z.prettifyError(parsed.error));
  return parsed.data;
};

/**
 * Reads the description of a static model. It is a few lines, so that the name of the model is known at once.
 *
 * @throws UnsiloedError `MISSING_PACKAGE` when the file is missing or is not one
 */
export const readConfig = (file: string): ModelConfig => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
  return parseFile(file, configSchema, text);
};
