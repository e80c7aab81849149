import type { JobSize } from "./active-jobs.js";

/** How finely age is divided: a bin is a quarter of an octave, so its ends are 19 % apart. */
const BINS_PER_OCTAVE = 4;
/** Bins reach from 2^-12 to 2^36 units of scaled age, far beyond any job. */
const LOWEST_OCTAVE = -12;
const BINS = 48 * BINS_PER_OCTAVE;
/** How duration may grow with size: in proportion to size to the power of one of these. */
const EXPONENTS = [0.75, 1, 0.5, 0.25, 0] as const;

/** The belief before anything was seen: a log-logistic with this shape, whose median for 20 pages is one minute. */
const PRIOR = { shape: 2, medianMs: 60_000, pages: 20, events: 0.5, leastHazard: 1e-4 };
/** Above so many ended jobs, all evidence is halved: the service of last week counts for less. */
const MOST_EVENTS = 1_000;
/** What a page weighs in a file of which only the bytes are known. */
const BYTES_PER_PAGE = 50_000;

/** Hazards by age, where age is divided by size to the power of `exponent`. */
class HazardTable {
  readonly #exponent: number;
  readonly #events = new Float64Array(BINS);
  readonly #exposure = new Float64Array(BINS);
  readonly #prior: Float64Array;
  #cumulative: Float64Array | undefined;
  /** Logarithm of the probability it gave to what then happened. */
  score = 0;

  constructor(exponent: number) {
    this.#exponent = exponent;
    const median = PRIOR.medianMs / PRIOR.pages ** exponent;
    this.#prior = Float64Array.from({ length: BINS }, (_hazard, bin) => {
      const odds = (2 ** ((bin + 0.5) / BINS_PER_OCTAVE + LOWEST_OCTAVE) / median) ** PRIOR.shape;
      return (PRIOR.shape * Math.LN2 * odds) / (1 + odds) / BINS_PER_OCTAVE + PRIOR.leastHazard;
    });
  }

  /** The hazard summed from one age to another: the probability to survive is `exp(-hazard)`. */
  hazard(fromMs: number, toMs: number, pages: number): number {
    return this.#sumTo(this.#position(toMs, pages)) - this.#sumTo(this.#position(fromMs, pages));
  }

  learn(fromMs: number, toMs: number, pages: number, ended: boolean): void {
    const [from, to] = [this.#position(fromMs, pages), this.#position(toMs, pages)];
    if (to <= from) return;
    const survived = Math.exp(this.#sumTo(from) - this.#sumTo(to));
    const probability = Math.max(ended ? 1 - survived : survived, 1e-9);
    this.score += Math.log(probability);
    // Where in between it ended is not known: its one event is spread as the hazards so far have it.
    const before = this.#sumTo(from);
    for (let at = from; at < to; ) {
      const bin = Math.floor(at);
      const end = Math.min(bin + 1, to);
      if (ended) {
        const [alive, left] = [Math.exp(before - this.#sumTo(at)), Math.exp(before - this.#sumTo(end))];
        const share = (alive - left) / probability;
        this.#add(bin, share, (end - at) * ((left - survived) / probability + share / 2));
      } else this.#add(bin, 0, end - at);
      at = end;
    }
    this.#cumulative = undefined;
  }

  halve(): void {
    for (let bin = 0; bin < BINS; bin++)
      this.#add(bin, -this.#at(this.#events, bin) / 2, -this.#at(this.#exposure, bin) / 2);
    this.score /= 2;
    this.#cumulative = undefined;
  }

  #position(ageMs: number, pages: number): number {
    const octave = Math.log2(Math.max(ageMs, 1)) - this.#exponent * Math.log2(pages) - LOWEST_OCTAVE;
    return Math.min(Math.max(octave * BINS_PER_OCTAVE, 0), BINS - 1);
  }

  #at(values: Float64Array, bin: number): number {
    return values[bin] ?? 0;
  }

  #add(bin: number, events: number, exposure: number): void {
    this.#events[bin] = this.#at(this.#events, bin) + events;
    this.#exposure[bin] = this.#at(this.#exposure, bin) + exposure;
  }

  #sumTo(position: number): number {
    this.#cumulative ??= this.#sum();
    const bin = Math.floor(position);
    const below = this.#at(this.#cumulative, bin);
    return below + (position - bin) * (this.#at(this.#cumulative, bin + 1) - below);
  }

  #sum(): Float64Array {
    // A bin's neighbours count half, so that a few ended jobs make a hill and not a comb.
    const smooth = (values: Float64Array, bin: number) =>
      this.#at(values, bin) + (this.#at(values, bin - 1) + this.#at(values, bin + 1)) / 2;
    const sums = new Float64Array(BINS + 1);
    let sum = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const exposure = PRIOR.events / this.#at(this.#prior, bin) + smooth(this.#exposure, bin);
      sum += (PRIOR.events + smooth(this.#events, bin)) / exposure;
      sums[bin + 1] = sum;
    }
    return sums;
  }
}

/** Five tables that differ in how much size matters; the one that foretold best so far is believed. */
class SizeModel {
  readonly #tables = EXPONENTS.map((exponent) => new HazardTable(exponent));
  #events = 0;

  hazard(fromMs: number, toMs: number, pages: number): number {
    return this.#best().hazard(fromMs, toMs, pages);
  }

  learn(fromMs: number, toMs: number, pages: number, ended: boolean): void {
    for (const table of this.#tables) table.learn(fromMs, toMs, pages, ended);
    if (!ended || ++this.#events < MOST_EVENTS) return;
    this.#events /= 2;
    for (const table of this.#tables) table.halve();
  }

  #best(): HazardTable {
    return this.#tables.reduce((best, table) => (table.score > best.score ? table : best));
  }
}

const isPositive = (value: number | null | undefined): value is number =>
  typeof value === "number" && Number.isFinite(value) && value > 0;

/**
 * Learns from the checks of jobs how long jobs take, as far as their size is known.
 *
 * Age is divided into bins of a quarter octave, and each bin's hazard is the occurrence/exposure rate of life tables
 * (events ÷ exposure; Kaplan and Meier, J. Am. Stat. Assoc. 53, 1958, sections 2 and 3) with a gamma prior of half an
 * event. A job found unended at age *t*, having been so at age *l*, adds exposure from *l* to *t*; one found ended adds
 * an event somewhere between. So jobs that have not ended count as evidence like those that have, and no form of the
 * distribution is assumed: several humps, heavy tails and jobs that never end are learnt as they are. The prior, a
 * log-logistic with a median of one minute for 20 pages, only decides until the first jobs have ended.
 *
 * Age is measured in units of `size ** exponent`. Tables for exponents from 0 (size tells nothing) to 1 (duration grows
 * in proportion) learn side by side, and the one with the best logarithmic score of its own forecasts is asked
 * (Dawid, J. R. Stat. Soc. A 147, 1984). Jobs of known pages, of known bytes and of unknown size learn apart.
 */
export class DurationModel {
  readonly #byPages = new SizeModel();
  readonly #byBytes = new SizeModel();
  readonly #bySurvival = new SizeModel();

  /** The probability that a job has ended by one age, given that it had not at an earlier one. Ages in milliseconds. */
  ended(fromMs: number, toMs: number, size: JobSize): number {
    const { model, pages } = this.#choose(size);
    return -Math.expm1(-model.hazard(fromMs, toMs, pages));
  }

  /** A job that had not ended at one age was seen at a later one. */
  learn(fromMs: number, toMs: number, size: JobSize, ended: boolean): void {
    const { model, pages } = this.#choose(size);
    model.learn(fromMs, toMs, pages, ended);
  }

  #choose({ pages, bytes }: JobSize): { model: SizeModel; pages: number } {
    if (isPositive(pages)) return { model: this.#byPages, pages };
    if (isPositive(bytes)) return { model: this.#byBytes, pages: bytes / BYTES_PER_PAGE };
    return { model: this.#bySurvival, pages: PRIOR.pages };
  }
}
