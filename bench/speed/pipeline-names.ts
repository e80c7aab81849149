/** The pipelines of each profile, in the order in which a round runs them. */
export const PIPELINES = {
  waiting: ["own", "command", "stock-at-once", "floor", "stock"],
  free: [
    "own",
    "own-no-words",
    "own-durable",
    "command",
    "command-unchanged",
    "stock-at-once",
    "stock-at-once-1600",
    "floor",
    "own-results",
    "command-results",
    "floor-results",
  ],
} as const;

export type Profile = keyof typeof PIPELINES;
