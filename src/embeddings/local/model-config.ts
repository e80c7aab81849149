import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import { propertyOf } from "../../internal/objects.js";

/** Directory of the bundled model, beside this module in the sources and in the built package. */
export const BUNDLED_MODEL = fileURLToPath(new URL("./model/", import.meta.url));

const CONFIG = "config.json";

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

/** Makes the error for a file of the model that cannot be read. */
export const unreadable = (file: string, thrown: unknown): UnsiloedError =>
  propertyOf(thrown, "code") === "ENOENT"
    ? new UnsiloedError(
        "MISSING_PACKAGE",
        `the embedding model is incomplete: there is no file ${file}; leave the package unsiloed-ingest out of your bundle, or copy its directory dist/src/embeddings/local/model and name the copy in "directory"`,
        { cause: thrown },
      )
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
export const readConfig = (directory: string): ModelConfig => {
  const file = path.join(directory, CONFIG);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
  return parseFile(file, configSchema, text);
};
