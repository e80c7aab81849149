import path from "node:path";
import { runChild, start } from "../support/child.js";
import { median, missedOf, type Outcome } from "../support/outcome.js";
import { LATENCIES, leastEmbeddingMs, leastStoreMs, type Pace } from "./latencies.js";
import { PIPELINES, type PipelineName } from "./pipelines.js";
import { writeResults } from "./workload.js";

const LEAST_OVER_STOCK = 5;
const LEAST_OVER_STOCK_AT_ONCE = 1.5;
const MOST_OVER_BOUND = 1.3;

export interface EndToEndOptions {
  pace: Pace;
  documents: number;
  segments: number;
  runs: number;
  /** Directory of the results that the parse API replays. */
  directory: string;
}

const file = (name: string): string => path.join(import.meta.dirname, name);
const isName = (text: string): text is PipelineName => text in PIPELINES;
const NAMES = Object.keys(PIPELINES).filter(isName);

/** One run of a pipeline: its own figures, and the counts of the services. */
type Run = Map<string, number>;

/** Starts the services. @returns functions that run a pipeline on them and that end them */
const openServices = async (pace: Pace, directory: string, documents: number) => {
  const { child, told } = await start(file("services.ts"), pace, directory);
  const [parse, embed, store, control] = ["parse", "embed", "store", "control"].map((key) =>
    String(told.get(key)),
  );
  if (!parse || !embed || !store || !control) throw new Error("the services did not start");
  const takeCounts = async () => Object.entries(Object(await (await fetch(control)).json()));
  const run = async (name: PipelineName): Promise<Run> => {
    await takeCounts();
    const own = await runChild(file("run-pipeline.ts"), name, pace, String(documents), parse, embed, store);
    const counted = (await takeCounts()).map(([key, value]): [string, number] => [key, Number(value)]);
    const all = new Map([...own, ...counted]);
    if (all.get("points") !== all.get("storePoints"))
      throw new Error(
        `${name} wrote ${all.get("points")} points, the store received ${all.get("storePoints")}`,
      );
    return all;
  };
  return { run, close: () => child.stdin?.end() };
};

/**
 * Runs the same documents through three pipelines on the same services, in turn, and computes the lower bound of their
 * time. The sequential stock pipeline runs once, because it takes minutes, nearly all of them set latencies.
 */
export const endToEnd = async (options: EndToEndOptions): Promise<Outcome> => {
  const { pace, documents, segments, runs, directory } = options;
  const { files, bytes } = await writeResults(directory, documents, segments);
  const services = await openServices(pace, directory, documents);
  const measured = new Map<PipelineName, Run[]>(NAMES.map((name) => [name, []]));
  const bounds: Run[] = [];
  try {
    for (let turn = 0; turn < runs; turn++) {
      bounds.push(await runChild(file("lower-bound.ts"), ...files));
      for (const name of NAMES)
        if (name !== "stock" || turn === 0) measured.get(name)?.push(await services.run(name));
    }
  } finally {
    services.close();
  }
  const of = (name: PipelineName, key: string): number =>
    median((measured.get(name) ?? []).map((run) => run.get(key) ?? Number.NaN));
  const ofBound = (key: string): number => median(bounds.map((run) => run.get(key) ?? Number.NaN));

  const latencies = LATENCIES[pace];
  // The pipeline whose last job ended first, among the ones that submit everything at once.
  const ends = [...(measured.get("own") ?? []), ...(measured.get("stock-at-once") ?? [])];
  const jobsEnd = Math.min(
    ...ends.map((run) => ((run.get("lastEnd") ?? 0) - (run.get("begunAt") ?? 0)) / 1_000),
  );
  const parts = {
    "last job's end": jobsEnd,
    "embedding service": leastEmbeddingMs(ofBound("texts"), ofBound("tokens"), latencies) / 1_000,
    store: leastStoreMs(of("own", "points"), latencies) / 1_000,
    "parsing and counting": ofBound("cpuSeconds"),
  };
  const bound = Math.max(...Object.values(parts));
  const time = of("own", "seconds");
  const memory = of("own", "peakMb") / of("stock-at-once", "peakMb");
  const overBound = time / bound;
  const overStock = of("stock", "seconds") / time;
  const overStockAtOnce = of("stock-at-once", "seconds") / time;
  const none = { "peak MB": "", points: "", "embedding requests": "", "service lag ms, p99": "" };
  return {
    title: `End to end: ${documents} documents of ${segments} segments, ${(bytes / 1e6).toFixed(1)} MB, median of ${runs}`,
    rows: [
      ...NAMES.map((name) => ({
        what: name,
        seconds: of(name, "seconds"),
        "times own": of(name, "seconds") / time,
        "CPU seconds": of(name, "cpuSeconds"),
        "peak MB": of(name, "peakMb"),
        points: of(name, "points"),
        "embedding requests": of(name, "embedRequests"),
        "service lag ms, p99": of(name, "lagMs"),
      })),
      ...Object.entries(parts).map(([what, seconds]) => ({
        what: `bound: ${what}`,
        seconds,
        "times own": seconds / time,
        "CPU seconds": what === "parsing and counting" ? seconds : "",
        ...none,
      })),
    ],
    missed: missedOf([
      {
        what: `own pipeline at most ${MOST_OVER_BOUND} × the lower bound`,
        found: overBound,
        holds: overBound <= MOST_OVER_BOUND,
      },
      {
        what: `stock at least ${LEAST_OVER_STOCK} × own`,
        found: overStock,
        holds: overStock >= LEAST_OVER_STOCK,
      },
      {
        what: `stock at once at least ${LEAST_OVER_STOCK_AT_ONCE} × own`,
        found: overStockAtOnce,
        holds: overStockAtOnce >= LEAST_OVER_STOCK_AT_ONCE,
      },
      { what: "memory at most that of stock at once", found: memory, holds: memory <= 1 },
    ]),
  };
};
