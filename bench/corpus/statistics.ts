import { Random } from "../support/random.js";

/** A mean and the interval that holds it with 95 % confidence. */
export interface Estimate {
  mean: number;
  low: number;
  high: number;
}

/** How often questions are drawn again for an interval. */
const RESAMPLES = 2_000;

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Returns the mean of as many values, drawn with replacement. */
const resampledMean = (values: readonly number[], random: Random): number => {
  let sum = 0;
  for (let drawn = 0; drawn < values.length; drawn++) sum += values[random.below(values.length)] ?? 0;
  return sum / Math.max(1, values.length);
};

/**
 * Estimates the mean over groups of the mean of each, by the percentile bootstrap: values are drawn again within each
 * group. One group gives the interval of a plain mean; differences between two ways on the same questions give the paired
 * interval.
 */
export const estimate = (groups: readonly (readonly number[])[], seed: number): Estimate => {
  const random = new Random(seed);
  const means = Array.from({ length: RESAMPLES }, () =>
    meanOf(groups.map((values) => resampledMean(values, random))),
  ).sort((a, b) => a - b);
  const at = (share: number): number => means[Math.round(share * (RESAMPLES - 1))] ?? 0;
  return { mean: meanOf(groups.map(meanOf)), low: at(0.025), high: at(0.975) };
};
