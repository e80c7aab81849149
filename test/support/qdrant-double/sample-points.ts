import type { Point } from "../../../src/stores/sink.js";
import { type PointChange, pointOf } from "../sink-data.js";

/** Makes point number `n`, with a vector of the four dimensions that tests of the double use. */
export const samplePoint = (n: number, change: PointChange = {}): Point =>
  pointOf(n, { vector: [1, n / 10, 0, 0], ...change });
