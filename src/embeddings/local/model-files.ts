import { readFile } from "node:fs/promises";
import path from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { damaged, type ModelConfig, parseFile, unreadable } from "./model-config.js";

const TOKENIZER = "tokenizer.json";
const VECTORS = "vectors.bin";

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
