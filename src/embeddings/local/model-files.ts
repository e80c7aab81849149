import { readFile } from "node:fs/promises";
import { z } from "zod";
import { damaged, type ModelConfig, type ModelFiles, parseFile, unreadable } from "./model-config.js";
import { UnigramTokenizer } from "./unigram.js";

/** A static model: a tokenizer and a vector for each token. */
export interface StaticModel {
  tokenizer: UnigramTokenizer;
  dimensions: number;
  /** The vectors of all tokens, one after the other, as whole numbers. */
  rows: Int8Array;
  /** By what a token's row is multiplied. */
  scales: Float32Array;
}

const typeSchema = <T extends string>(type: T) => z.looseObject({ type: z.literal(type) });

/** The one form of tokenizer that is read, in the description of Hugging Face. */
const tokenizerSchema = z.looseObject({
  added_tokens: z.array(z.unknown()).max(0),
  normalizer: z.looseObject({
    type: z.literal("Sequence"),
    normalizers: z.tuple([typeSchema("NFKC"), typeSchema("Lowercase")]),
  }),
  pre_tokenizer: typeSchema("BertPreTokenizer"),
  model: z.looseObject({
    type: z.literal("Unigram"),
    unk_id: z.literal(0),
    vocab: z.array(z.tuple([z.string(), z.number()])),
  }),
});

const read = async (file: string): Promise<Buffer> => {
  try {
    return await readFile(file);
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
};

/**
 * Reads a static model.
 *
 * @throws UnsiloedError `MISSING_PACKAGE` when a file is missing or does not fit the description
 */
export const readModel = async (
  { tokenizer: tokenizerFile, vectors: vectorsFile }: ModelFiles,
  { dimensions, tokens }: ModelConfig,
): Promise<StaticModel> => {
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
  const { vocab } = parseFile(tokenizerFile, tokenizerSchema, text.toString("utf8")).model;
  if (vocab.length !== tokens) {
    throw damaged(tokenizerFile, `expected ${tokens} pieces, got ${vocab.length}`);
  }
  return { tokenizer: new UnigramTokenizer(vocab), dimensions, rows, scales };
};
