import { Random } from "../support/random.js";

/** Returns a number in [0, 1). */
export type Draw = () => number;

export const seeded = (seed: number): Draw => {
  const random = new Random(seed);
  return () => random.next();
};

/** Draws from a log-normal distribution with this median and this standard deviation of the logarithm. */
const logNormal = (random: Draw, median: number, sigma: number): number =>
  median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));

/** A document to be parsed. */
export interface Paper {
  pages: number;
  /** How long the service works on it; infinite for a job that never ends. */
  durationMs: number;
}

export interface Workload {
  name: string;
  /** Describes the distribution of the durations, which the scheduler does not know. */
  says: string;
  draw: (random: Draw) => Paper;
  /** Whether the scheduler knows the pages, as it does when it submitted the document. @default true */
  sizesKnown?: boolean;
  /** How many jobs the service runs at once, in the order of submission. @default all */
  atOnce?: number;
}

const pagesOf = (random: Draw, most = 1_500): number =>
  Math.min(most, Math.max(1, Math.round(logNormal(random, 120, 0.8))));

/** Draws durations of a constant part and a part for each page, times a log-normal factor with median 1. */
const byPages =
  (base: number, perPage: number, sigma: number) =>
  (random: Draw): Paper => {
    const pages = pagesOf(random);
    return { pages, durationMs: (base + perPage * pages) * 1_000 * logNormal(random, 1, sigma) };
  };

/** Draws durations that do not depend on the pages. */
const apart =
  (seconds: (random: Draw) => number) =>
  (random: Draw): Paper => ({ pages: pagesOf(random), durationMs: seconds(random) * 1_000 });

/** The workload that is checked. */
export const MAIN: Workload = {
  name: "by-pages",
  says: "pages log-normal (median 120, sigma 0.8, 1 to 1500); 20 s + 4 s a page, times log-normal (sigma 0.35)",
  draw: byPages(20, 4, 0.35),
};

export const OTHERS: readonly Workload[] = [
  { name: "tight", says: "as by-pages, sigma 0.15", draw: byPages(20, 4, 0.15) },
  { name: "noisy", says: "as by-pages, sigma 0.7", draw: byPages(20, 4, 0.7) },
  {
    name: "short",
    says: "as by-pages, five times as fast: ends outrun the budget",
    draw: byPages(4, 0.8, 0.35),
  },
  { name: "long", says: "as by-pages, three times as slow", draw: byPages(60, 12, 0.35) },
  {
    name: "sizes-unknown",
    says: "as by-pages, pages not told",
    draw: byPages(20, 4, 0.35),
    sizesKnown: false,
  },
  {
    name: "queued",
    says: "5 s + 0.4 s a page, sigma 0.35; 50 jobs worked on at once, the others queue",
    draw: byPages(5, 0.4, 0.35),
    atOnce: 50,
  },
  {
    name: "exponential",
    says: "mean 600 s, independent of pages",
    draw: apart((random) => -600 * Math.log(1 - random())),
  },
  { name: "equal", says: "600 s each", draw: apart(() => 600) },
  {
    name: "two-humps",
    says: "log-normal (sigma 0.1) around 200 s or 1500 s, evenly",
    draw: apart((random) => logNormal(random, random() < 0.5 ? 200 : 1_500, 0.1)),
  },
  {
    name: "heavy-tail",
    says: "Pareto from 120 s, exponent 1.2, at most 5 h",
    draw: apart((random) => Math.min(18_000, 120 * (1 - random()) ** (-1 / 1.2))),
  },
  {
    name: "stuck",
    says: "as by-pages, but every twentieth never ends (in all of these a job is given up after 6 h)",
    draw: (random) => {
      const paper = MAIN.draw(random);
      return random() < 0.05 ? { ...paper, durationMs: Number.POSITIVE_INFINITY } : paper;
    },
  },
];
