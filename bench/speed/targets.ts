import type { Target } from "../support/outcome.js";
import type { Measured, Run } from "./measured.js";
import type { Profile } from "./pipeline-names.js";

interface Limit {
  name: string;
  than: string;
  /** What is compared. */
  by: "wall" | "CPU" | "memory";
  /** The most that `name` may take, as a multiple of what `than` takes. */
  most: number;
}

const VALUES: Record<Limit["by"], (run: Run) => number> = {
  wall: ({ seconds }) => seconds,
  CPU: ({ cpuSeconds }) => cpuSeconds,
  memory: ({ peakMb }) => peakMb,
};

const LIMITS: Record<Profile, readonly Limit[]> = {
  free: [
    { name: "command", than: "stock-at-once", by: "wall", most: 1.1 },
    { name: "command", than: "stock-at-once", by: "CPU", most: 1.1 },
    { name: "own", than: "stock-at-once", by: "wall", most: 1 },
    { name: "own", than: "stock-at-once", by: "CPU", most: 1 },
    { name: "own", than: "floor", by: "CPU", most: 1.5 },
    { name: "own-no-words", than: "floor", by: "CPU", most: 1.25 },
    { name: "own", than: "stock-at-once", by: "memory", most: 1 },
  ],
  waiting: [
    { name: "own", than: "floor", by: "wall", most: 1.15 },
    { name: "own", than: "stock", by: "wall", most: 1 / 5 },
    { name: "own", than: "stock-at-once", by: "wall", most: 1 / 1.5 },
    { name: "own", than: "stock-at-once", by: "memory", most: 1 },
  ],
};

/** Compares what was measured with the limits; those of pipelines that did not run are left out. */
export const targetsOf = (profile: Profile, measured: Measured): Target[] =>
  LIMITS[profile]
    .filter(({ name, than }) => measured.has(name, than))
    .map(({ name, than, by, most }) => {
      const found = measured.ratio(name, than, VALUES[by]);
      return {
        what: `${profile}: ${by} of ${name} at most ${most.toFixed(2)} × ${than}`,
        found,
        holds: found <= most,
      };
    });
