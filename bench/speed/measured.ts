import { median } from "../support/outcome.js";
import type { Used } from "./program.js";
import type { Counts } from "./services/open.js";

/** One run of a pipeline. */
export interface Run extends Used {
  points: number;
  counts: Counts;
}

/** The runs of all pipelines, in rounds: each round runs every pipeline once, so that ratios are of the same minute. */
export class Measured {
  readonly #rounds: Map<string, Run>[] = [];

  add(round: number, name: string, run: Run): void {
    const runs = this.#rounds[round] ?? new Map<string, Run>();
    this.#rounds[round] = runs;
    runs.set(name, run);
  }

  has(...names: readonly string[]): boolean {
    return names.every((name) => this.#rounds[0]?.has(name));
  }

  median(name: string, value: (run: Run) => number): number {
    return median(
      this.#rounds.flatMap((runs) => [runs.get(name)].flatMap((run) => (run ? [value(run)] : []))),
    );
  }

  /** Returns the median over the rounds of how much more one pipeline took than another. */
  ratio(name: string, other: string, value: (run: Run) => number): number {
    const ratios = this.#rounds.map((runs) => {
      // What was run in the first round only is compared with that.
      const [own, its] = [runs.get(name), runs.get(other) ?? this.#rounds[0]?.get(other)];
      return own && its ? value(own) / value(its) : Number.NaN;
    });
    return median(ratios.filter((ratio) => !Number.isNaN(ratio)));
  }
}
