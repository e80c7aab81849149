import path from "node:path";
import { start } from "../../support/child.js";
import type { Work } from "../pipelines/work.js";
import type { Pace } from "./latencies.js";

/** What the services counted since the last call. */
export interface Counts {
  numbers: ReadonlyMap<string, number>;
  /** Requests to the store, by what they ask for. */
  calls: ReadonlyMap<string, number>;
}

export interface Services {
  addresses: Work["addresses"];
  takeCounts(): Promise<Counts>;
  close(): void;
}

const numbersOf = (value: unknown): Map<string, number> =>
  new Map(
    Object.entries(Object(value)).flatMap(([key, found]) =>
      typeof found === "number" ? [[key, found]] : [],
    ),
  );

/** Starts the services in a process of their own. @param directory of the results that the parse API serves */
export const openServices = async (pace: Pace, directory: string): Promise<Services> => {
  const { child, told } = await start(path.join(import.meta.dirname, "main.ts"), pace, directory);
  const [parse, embed, store, control] = ["parse", "embed", "store", "control"].map((key) =>
    String(told.get(key)),
  );
  if (!parse || !embed || !store || !control) throw new Error("the services did not start");
  return {
    addresses: { parse, embed, store },
    takeCounts: async () => {
      const counted: unknown = await (await fetch(control)).json();
      return { numbers: numbersOf(counted), calls: numbersOf(Object(counted).calls) };
    },
    close: () => child.stdin?.end(),
  };
};
