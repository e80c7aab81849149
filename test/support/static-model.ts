import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** A small static model in a directory of its own, in the form of the bundled one. */
export interface SmallModel {
  directory: string;
  remove(): Promise<void>;
}

/** Vectors of two numbers, each token's scale last. */
export const SMALL_VOCABULARY: Readonly<Record<string, readonly [number, number, number]>> = {
  whale: [100, 0, 0.5],
  s: [0, 10, 1],
  sea: [80, 60, 0.25],
  revenue: [0, -120, 1],
  grew: [-50, -50, 2],
  日: [1, 2, 1],
  本: [3, 4, 1],
};

/** Writes a model with the vocabulary above. The unknown token has a vector too, which must not count. */
export const writeSmallModel = async (config: object = {}): Promise<SmallModel> => {
  const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-model-"));
  const tokens = ["<unk>", ...Object.keys(SMALL_VOCABULARY)];
  const entries = tokens.map((token) => SMALL_VOCABULARY[token] ?? [127, 127, 3]);
  const rows = Int8Array.from(entries.flatMap(([first, second]) => [first ?? 0, second ?? 0]));
  const scales = Buffer.alloc(tokens.length * 4);
  for (const [at, [, , scale]] of entries.entries()) scales.writeFloatLE(scale ?? 0, at * 4);
  const described = { name: "small", version: 1, dimensions: 2, tokens: tokens.length, ...config };
  const tokenizer = {
    version: "1.0",
    added_tokens: [],
    normalizer: { type: "Sequence", normalizers: [{ type: "NFKC" }, { type: "Lowercase" }] },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: null,
    decoder: null,
    model: { type: "Unigram", unk_id: 0, vocab: tokens.map((token, id) => [token, -id]) },
  };
  await writeFile(path.join(directory, "config.json"), JSON.stringify(described));
  await writeFile(path.join(directory, "tokenizer.json"), JSON.stringify(tokenizer));
  await writeFile(path.join(directory, "vectors.bin"), Buffer.concat([Buffer.from(rows.buffer), scales]));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
};
