import { SeededRandom } from "../../internal/numbers/seeded-random.js";

/** A mean and the interval that contains it with 95 % confidence. */
export interface Estimate {
  /** The mean over the questions. */
  mean: number;
  /** Where the interval begins. */
  low: number;
  /** Where the interval ends. */
  high: number;
}

/** How often questions are drawn again for an interval. */
const RESAMPLES = 2_000;

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Returns the mean of as many values, drawn with replacement. */
const resampledMean = (values: readonly number[], random: SeededRandom): number => {
  let sum = 0;
  for (let drawn = 0; drawn < values.length; drawn++) sum += values[random.below(values.length)] ?? 0;
  return sum / Math.max(1, values.length);
};

/**
 * Estimates the mean over groups of the mean of each, by the percentile bootstrap: values are drawn again within each
 * group. One group gives the interval of a plain mean; differences between two ways on the same questions give the paired
 * interval.
 */
export const estimate = (
  groups: readonly (readonly number[])[],
  seed: number,
  confidence = 0.95,
): Estimate => {
  const random = new SeededRandom(seed);
  const means = Array.from({ length: RESAMPLES }, () =>
    meanOf(groups.map((values) => resampledMean(values, random))),
  ).sort((a, b) => a - b);
  const at = (share: number): number => means[Math.round(share * (RESAMPLES - 1))] ?? 0;
  return { mean: meanOf(groups.map(meanOf)), low: at((1 - confidence) / 2), high: at((1 + confidence) / 2) };
};

/** The quantile of the normal distribution for 95 %. */
const Z = 1.96;

/**
 * Estimates a share by the interval of Wilson, which stays wide for few questions even when all or none succeed; the
 * bootstrap would then have no width.
 *
 * @param values 0 or 1 for each question
 */
export const estimateShare = (values: readonly number[]): Estimate => {
  const count = values.length;
  const mean = meanOf(values);
  const square = Z ** 2;
  const middle = (mean + square / (2 * count)) / (1 + square / count);
  const half =
    (Z / (1 + square / count)) * Math.sqrt((mean * (1 - mean)) / count + square / (4 * count ** 2));
  return { mean, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
};
