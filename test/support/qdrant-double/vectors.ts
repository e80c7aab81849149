import { type Bm25Options, embedDocument, embedQuestion, type SparseVector } from "./bm25.js";
import { Refusal, wrongInput } from "./refusal.js";
import type { SparseParams, VectorInput, VectorParams } from "./request-schemas.js";

/** The expected vectors of a collection; the unnamed one has the name `""`. */
export interface VectorLayout {
  dense: ReadonlyMap<string, VectorParams>;
  sparse: ReadonlyMap<string, SparseParams>;
  /** Whether the server turns text into BM25 vectors (from 1.15.3). */
  inference: boolean;
}

/** Converts a vector to float32 as it is stored, scaled to length 1 for Cosine. */
const storeDense = (values: readonly number[], { size, distance }: VectorParams): number[] => {
  if (values.length !== size) {
    throw wrongInput(`Vector dimension error: expected dim: ${size}, got ${values.length}`);
  }
  const length = Math.hypot(...values);
  const scale = distance === "Cosine" && length > 0 ? 1 / length : 1;
  return values.map((value) => Math.fround(value * scale));
};

const infer = (
  input: { text: string; model: string; options?: Bm25Options | null | undefined },
  layout: VectorLayout,
  role: "document" | "question",
): SparseVector => {
  if (!layout.inference) {
    throw new Refusal(
      500,
      "Service internal error: InferenceService is not initialized. Please check if it was properly configured and initialized during startup.",
    );
  }
  if (input.model.toLowerCase() !== "qdrant/bm25") {
    throw wrongInput(`Unsupported model ${input.model} for inference`);
  }
  return (role === "document" ? embedDocument : embedQuestion)(input.text, input.options ?? {});
};

export type ResolvedVector =
  | { name: string; dense: number[]; params: VectorParams }
  | { name: string; sparse: SparseVector; params: SparseParams };

/** Converts one vector of a request to the form that is stored or compared. */
export const resolveVector = (
  name: string,
  input: VectorInput,
  layout: VectorLayout,
  role: "document" | "question",
): ResolvedVector => {
  const dense = layout.dense.get(name);
  const sparse = layout.sparse.get(name);
  if (!dense && !sparse) throw wrongInput(`Not existing vector name error: ${name}`);
  if (Array.isArray(input)) {
    if (!dense) throw wrongInput(`Conversion between sparse and regular vectors failed`);
    return { name, dense: storeDense(input, dense), params: dense };
  }
  if (!sparse) throw wrongInput(`Conversion between sparse and regular vectors failed`);
  if ("text" in input) return { name, sparse: infer(input, layout, role), params: sparse };
  if (input.indices.length !== input.values.length || new Set(input.indices).size !== input.indices.length) {
    throw new Refusal(422, "Validation error in JSON body: [indices: must be unique, one for each value]");
  }
  return { name, sparse: input, params: sparse };
};

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

/** Scores two vectors; higher is better for every distance. */
export const denseScore = (
  a: readonly number[],
  b: readonly number[],
  { distance }: VectorParams,
): number => {
  if (distance === "Euclid") return -Math.hypot(...a.map((value, index) => value - (b[index] ?? 0)));
  if (distance === "Manhattan") {
    return -a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? 0)), 0);
  }
  return dot(a, b);
};
