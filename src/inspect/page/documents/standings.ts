import type { Standing } from "../../contract.js";

/** What the states of documents are called. */
export const STANDING_NAMES: Readonly<Record<Standing, string>> = {
  stored: "stored",
  failed: "failed",
  unknown: "outcome unknown",
  working: "being worked on",
  waiting: "unfinished",
  queued: "queued",
  unreadable: "unreadable",
};

export const isStanding = (name: string): name is Standing => Object.hasOwn(STANDING_NAMES, name);

/** The states in the order of their filter. */
export const standingNames = Object.entries(STANDING_NAMES).flatMap(([name, shown]): [Standing, string][] =>
  isStanding(name) ? [[name, shown]] : [],
);
