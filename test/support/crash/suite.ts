import { SeededRandom } from "../seeded-random.js";
import { isFileMoment } from "./activity.js";
import { makeDocuments } from "./documents.js";
import { type Kill, type RoundFindings, runRound, runUndisturbed } from "./round.js";
import type { StoreKind } from "./services.js";

export interface SuiteOptions {
  /** Kills in all, shared between the stores. */
  kills: number;
  seed: string;
  stores: readonly StoreKind[];
  /** @default 40 */
  documents?: number;
  /** The maximum number of kills before the run that finishes. @default 15 */
  killsPerRound?: number;
  /** Called with a line about each round. */
  say: (line: string) => void;
}

export interface SuiteFindings {
  kills: Kill[];
  runs: number;
  lost: number;
  duplicated: number;
  paidTwice: number;
  unknown: number;
  unknownAccepted: number;
  /** Ratio of embedded texts to those of runs without kills. */
  embeddedTimes: number;
  problems: string[];
}

/** After this number of rounds without a kill, the test program itself is wrong. */
const IDLE_ROUNDS = 5;

interface StoreFindings {
  rounds: RoundFindings[];
  textsUndisturbed: number;
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

const describeRound = (name: string, round: RoundFindings): string[] => {
  const { kills, runs, lost, duplicated, paidTwice, unknown, problems } = round;
  return [
    `${name}: kills ${kills.length}, runs ${runs}, lost ${lost.length}, duplicated ${duplicated.length}, ` +
      `paid twice ${paidTwice.length}, unknown outcome ${unknown}`,
    ...Object.entries({ lost, duplicated, "paid twice": paidTwice })
      .filter(([, names]) => names.length > 0)
      .map(([what, names]) => `  ${what}: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`),
    ...problems.map((problem) => `  problem: ${problem}`),
  ];
};

const runStore = async (store: StoreKind, kills: number, options: SuiteOptions): Promise<StoreFindings> => {
  const { seed, say, killsPerRound = 15 } = options;
  const documents = makeDocuments(seed, options.documents ?? 40);
  const undisturbed = await runUndisturbed(store, documents);
  const { report, points, textsEmbedded, pace } = undisturbed;
  say(
    `${store}: undisturbed ${documents.length} documents, ${report.segments.total} segments, ${points.length} points, ` +
      `start-up ${pace.startUpMs.toFixed()} ms, work ${pace.workMs.toFixed()} ms`,
  );
  const rounds: RoundFindings[] = [];
  for (let left = kills, number = 1; left > 0; number++) {
    const random = new SeededRandom(`${seed}:${store}:${number}`);
    const wanted = Math.min(left, killsPerRound);
    const round = await runRound({ store, documents, undisturbed, kills: wanted, random });
    rounds.push(round);
    if (rounds.slice(-IDLE_ROUNDS).filter(({ kills }) => kills.length === 0).length === IDLE_ROUNDS)
      throw new Error(`${store}: ${IDLE_ROUNDS} rounds in a row ended before anything was killed`);
    left -= round.kills.length;
    for (const line of describeRound(`${store} round ${number}`, round)) say(line);
  }
  return { rounds, textsUndisturbed: textsEmbedded };
};

/** Kills runs in rounds, for all stores at the same time. */
export const runSuite = async (options: SuiteOptions): Promise<SuiteFindings> => {
  const { stores } = options;
  const share = Math.ceil(options.kills / stores.length);
  const found = await Promise.all(stores.map((store) => runStore(store, share, options)));
  const rounds = found.flatMap((store) => store.rounds);
  const undisturbed = sum(found.map(({ rounds: { length }, textsUndisturbed }) => length * textsUndisturbed));
  return {
    kills: rounds.flatMap(({ kills }) => kills),
    runs: sum(rounds.map(({ runs }) => runs)),
    lost: sum(rounds.map(({ lost }) => lost.length)),
    duplicated: sum(rounds.map(({ duplicated }) => duplicated.length)),
    paidTwice: sum(rounds.map(({ paidTwice }) => paidTwice.length)),
    unknown: sum(rounds.map(({ unknown }) => unknown)),
    unknownAccepted: sum(rounds.map(({ unknownAccepted }) => unknownAccepted)),
    embeddedTimes: sum(rounds.map(({ textsEmbedded }) => textsEmbedded)) / undisturbed,
    problems: rounds.flatMap(({ problems }) => problems),
  };
};

/** Returns whether nothing was lost, duplicated or paid for twice, and nothing else is wrong. */
export const isClean = ({ lost, duplicated, paidTwice, problems }: SuiteFindings): boolean =>
  lost === 0 && duplicated === 0 && paidTwice === 0 && problems.length === 0;

export const formatFindings = (findings: SuiteFindings): string => {
  const { kills, runs, lost, duplicated, paidTwice, unknown, unknownAccepted, problems } = findings;
  const during = new Map<string, number>();
  for (const kill of kills) during.set(kill.during, (during.get(kill.during) ?? 0) + 1);
  const writing = kills.filter((kill) => isFileMoment(kill.during)).length;
  const partial = kills.filter(({ leftPartialFile }) => leftPartialFile).length;
  return [
    `kills: ${kills.length}`,
    `  seen last: ${[...during]
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`,
    `  while a file was written: ${writing}, of which ${partial} left a kept result unfinished`,
    `runs: ${runs}`,
    `lost: ${lost}`,
    `duplicated: ${duplicated}`,
    `paid twice: ${paidTwice}`,
    `unknown outcome: ${unknown} (reported; ${unknownAccepted} had been accepted, all submitted again only with leave)`,
    `texts embedded: ${findings.embeddedTimes.toFixed(2)} times those of undisturbed runs`,
    `other problems: ${problems.length}`,
  ].join("\n");
};
