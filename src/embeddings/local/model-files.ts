import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import { propertyOf } from "../../internal/objects.js";

/** Directory of the bundled model, beside this module in the sources and in the built package. */
export const BUNDLED_MODEL = fileURLToPath(new URL("./model/", import.meta.url));

const CONFIG = "config.json";
const TOKENIZER = "tokenizer.json";
const VECTORS = "vectors.bin";

const configSchema = z.looseObject({
  name: z.string().min(1),
  version: z.number().int().min(1),
  dimensions: z.number().int().min(1),
  /** How many tokens the vocabulary has. */
  tokens: z.number().int().min(1),
});

/** What `config.json` of a static model says. */
export type ModelConfig = z.output<typeof configSchema>;

/** A static model: a tokenizer and a vector for each token. */
export interface StaticModel {
  tokenizer: Tokenizer;
  dimensions: number;
  /** The vectors of all tokens, one after the other, as whole numbers. */
  rows: Int8Array;
  /** By what a token's row is multiplied. It is 0 for tokens without a meaning: the special ones and the unknown one. */
  scales: Float32Array;
}

const tokenizerSchema = z.looseObject({
  model: z.looseObject({ unk_id: z.number().nullish(), unk_token: z.string().nullish() }),
  added_tokens: z.array(z.looseObject({ id: z.number(), special: z.boolean().optional() })).default([]),
});

/** Makes the error for a file of the model that cannot be read. */
const unreadable = (file: string, thrown: unknown): UnsiloedError =>
  propertyOf(thrown, "code") === "ENOENT"
    ? new UnsiloedError(
        "MISSING_PACKAGE",
        `the embedding model is incomplete: there is no file ${file}; leave the package unsiloed-ingest out of your bundle, or copy its directory dist/src/embeddings/local/model and name the copy in "directory"`,
        { cause: thrown },
      )
    : new UnsiloedError("MISSING_PACKAGE", `the embedding model cannot be read: ${file}: ${thrown}`, {
        cause: thrown,
      });

const damaged = (file: string, problem: string): UnsiloedError =>
  new UnsiloedError("MISSING_PACKAGE", `the embedding model is damaged: ${file}: ${problem}`);

const parseFile = <T>(file: string, schema: z.ZodType<T>, text: string): T => {
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

const read = async (file: string): Promise<Buffer> => {
  try {
    return await readFile(file);
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
};

const openTokenizer = (file: string, json: object): Tokenizer => {
  try {
    return new Tokenizer(json, {});
  } catch (thrown) {
    throw damaged(file, String(thrown));
  }
};

/**
 * Reads a static model.
 *
 * @throws UnsiloedError `MISSING_PACKAGE` when a file is missing or does not fit the description
 */
export const readModel = async (
  directory: string,
  { dimensions, tokens }: ModelConfig,
): Promise<StaticModel> => {
  const [tokenizerFile, vectorsFile] = [path.join(directory, TOKENIZER), path.join(directory, VECTORS)];
  const [text, bytes] = await Promise.all([read(tokenizerFile), read(vectorsFile)]);
  const rowBytes = tokens * dimensions;
  const expected = rowBytes + tokens * Float32Array.BYTES_PER_ELEMENT;
  if (bytes.length !== expected) {
    throw damaged(vectorsFile, `expected ${expected} bytes for ${tokens} tokens, got ${bytes.length}`);
  }
  const rows = new Int8Array(bytes.buffer, bytes.byteOffset, rowBytes);
  const scales = new Float32Array(tokens);
  for (let token = 0; token < tokens; token++) {
    scales[token] = bytes.readFloatLE(rowBytes + token * Float32Array.BYTES_PER_ELEMENT);
  }
  const json = parseFile(tokenizerFile, tokenizerSchema, text.toString("utf8"));
  const tokenizer = openTokenizer(tokenizerFile, json);
  const unknown = json.model.unk_id ?? tokenizer.token_to_id(json.model.unk_token ?? "");
  const special = json.added_tokens.filter((token) => token.special).map(({ id }) => id);
  for (const token of [...special, ...(unknown === undefined ? [] : [unknown])]) scales[token] = 0;
  return { tokenizer, dimensions, rows, scales };
};
