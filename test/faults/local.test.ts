import { mkdir, open, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { repairLedger } from "../../src/ingest/repair.js";
import { LmdbFile } from "../../src/internal/lmdb/database.js";
import { KeptResults } from "../../src/ledger/results/kept-results.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { type Found, findLies, imbalanceOf, lookAt, outcomeOf, paidTwice } from "../support/faults/oracle.js";
import { printMatrix } from "../support/faults/print-matrix.js";
import { FILES, type RunOptions, resultOf, World, type WorldOptions } from "../support/faults/world.js";

/** Damage to local state after a run without faults. */
interface Damage {
  stage: string;
  fault: string;
  world?: WorldOptions;
  /** Makes the next run need the damaged state. */
  run?: RunOptions;
  harm(world: World): Promise<void>;
  outcome: string;
  /** Documents that must be reported; the damage does not affect the others. @default all */
  named?: string[];
  heal?(world: World): Promise<void>;
  /** Submissions of one document. @default 1 */
  paid?: number;
}

const OTHER_SPLITTER: RunOptions = { splitter: new SegmentSplitter({ chunkSize: 399 }) };

const overwrite = async (file: string, at: number, bytes: Buffer): Promise<void> => {
  const handle = await open(file, "r+");
  await handle.write(bytes, 0, bytes.length, at);
  await handle.close();
};

const inLedger = async (world: World, work: (file: LmdbFile) => Promise<unknown>): Promise<void> => {
  const file = await LmdbFile.open(world.path("ledger"), ["about", "records", "claims"]);
  await work(file);
  await file.close();
};

const plant = (text: string) => (world: World) =>
  inLedger(world, (file) => {
    const records = file.table("records");
    return file.write(() => void records.put(Buffer.from("a.pdf"), Buffer.from(text)));
  });

const forgetRecord = (world: World) =>
  inLedger(world, (file) => {
    const records = file.table("records");
    return file.write(() => void records.remove(Buffer.from("a.pdf")));
  });

const repair = async (world: World): Promise<void> => {
  const [ledger, sink] = [world.openLedger(), world.openSink()];
  await repairLedger({ ledger, sink, results: new KeptResults({ directory: world.path("results") }) });
  await Promise.all([ledger.close(), sink.close()]);
};

const renewLedger = async (world: World): Promise<void> => {
  await rm(world.path("ledger"), { recursive: true, force: true });
  await repair(world);
};

const replaceByFile = (name: string) => async (world: World) => {
  await rm(world.path(name), { recursive: true, force: true });
  await writeFile(world.path(name), "in the way");
};

const eachKept = async (world: World, work: (file: string) => Promise<unknown>): Promise<void> => {
  const directory = world.path("results");
  for (const name of await readdir(directory)) await work(path.join(directory, name));
};

/** Changes a byte of the checksum of every cached vector. */
const damageVectors = async (world: World): Promise<void> => {
  const file = await LmdbFile.open(world.path("embeddings"), ["about", "vectors-0", "vectors-1"]);
  for (const name of ["vectors-0", "vectors-1"]) {
    const table = file.table(name);
    const entries = [...table.getRange()].map(({ key, value }) => ({ key, value: Buffer.from(value) }));
    await file.write(() => {
      for (const { key, value } of entries) {
        value[0] = (value[0] ?? 0) ^ 1;
        table.put(key, value);
      }
    });
  }
  await file.close();
  world.qdrant.store.collections.clear();
};

const loseStore = async (world: World): Promise<void> => world.qdrant.store.collections.clear();

const inLanceTable = async (world: World, work: (file: string) => Promise<unknown>): Promise<void> => {
  const table = path.join(world.path("lancedb"), "unsiloed.lance");
  for (const name of await readdir(table, { recursive: true }))
    if (name.endsWith(".lance")) await work(path.join(table, name));
};

const removeLance = (world: World) => rm(world.path("lancedb"), { recursive: true, force: true });

const DAMAGES: readonly Damage[] = [
  {
    stage: "ledger",
    fault: "damaged record",
    harm: plant("{"),
    outcome: "LEDGER_CORRUPT",
    named: ["a.pdf"],
    heal: repair,
  },
  {
    stage: "ledger",
    fault: "record of a newer version",
    harm: plant('{"schema":99}'),
    outcome: "LEDGER_VERSION",
    named: ["a.pdf"],
    heal: async (world) => {
      await forgetRecord(world);
      await repair(world);
    },
  },
  {
    stage: "ledger",
    fault: "overwritten file",
    harm: (world) => overwrite(world.path("ledger/data.mdb"), 0, Buffer.alloc(8192)),
    outcome: "LEDGER_CORRUPT",
    heal: renewLedger,
  },
  {
    stage: "ledger",
    fault: "file cut short",
    harm: (world) => truncate(world.path("ledger/data.mdb"), 9000),
    outcome: "LEDGER_CORRUPT",
    heal: renewLedger,
  },
  {
    stage: "ledger",
    fault: "no directory",
    harm: replaceByFile("ledger"),
    outcome: "LEDGER_FAILED",
    heal: renewLedger,
  },
  {
    stage: "kept results",
    fault: "changed byte",
    run: OTHER_SPLITTER,
    harm: (world) => eachKept(world, (file) => overwrite(file, 60, Buffer.from([0xff]))),
    outcome: "recovered",
  },
  {
    stage: "kept results",
    fault: "half a file",
    run: OTHER_SPLITTER,
    harm: (world) =>
      eachKept(world, async (file) => truncate(file, Math.floor((await readFile(file)).length / 2))),
    outcome: "recovered",
  },
  {
    stage: "kept results",
    fault: "half a file, job expired",
    run: OTHER_SPLITTER,
    harm: async (world) => {
      await eachKept(world, async (file) => truncate(file, Math.floor((await readFile(file)).length / 2)));
      const expired = new Set(world.emulator.jobs.map(({ jobId }) => jobId));
      const match = ({ jobId = "" }) => expired.has(jobId);
      for (const on of ["status", "result"] as const)
        world.emulator.addFault({ on, fault: "not_found", times: Number.POSITIVE_INFINITY, match });
    },
    outcome: "recovered",
    paid: 2,
  },
  {
    stage: "kept results",
    fault: "no directory",
    run: OTHER_SPLITTER,
    harm: replaceByFile("results"),
    outcome: "LEDGER_FAILED",
    heal: (world) => rm(world.path("results")),
  },
  { stage: "cache", fault: "damaged vectors", harm: damageVectors, outcome: "recovered" },
  {
    stage: "cache",
    fault: "overwritten file",
    harm: async (world) => {
      await overwrite(world.path("embeddings/data.mdb"), 0, Buffer.alloc(8192));
      await loseStore(world);
    },
    outcome: "recovered",
  },
  {
    stage: "cache",
    fault: "no directory",
    harm: async (world) => {
      await replaceByFile("embeddings")(world);
      await loseStore(world);
    },
    outcome: "recovered",
  },
  { stage: "store", fault: "emptied", harm: loseStore, outcome: "recovered" },
  {
    stage: "LanceDB",
    fault: "lost data files",
    world: { store: "lancedb" },
    run: OTHER_SPLITTER,
    harm: (world) => inLanceTable(world, (file) => rm(file)),
    outcome: "STORE_REFUSED",
    heal: removeLance,
  },
  {
    stage: "LanceDB",
    fault: "damaged data files",
    world: { store: "lancedb" },
    run: OTHER_SPLITTER,
    harm: (world) => inLanceTable(world, (file) => writeFile(file, Buffer.alloc(2000, 7))),
    outcome: "STORE_REFUSED",
    heal: removeLance,
  },
  {
    stage: "LanceDB",
    fault: "no directory",
    world: { store: "lancedb" },
    harm: replaceByFile("lancedb"),
    outcome: "STORE_UNREACHABLE",
    heal: removeLance,
  },
];

const seen = new Map<string, string>();
const expected = new Map<RunOptions | undefined, Found>();

beforeAll(async () => {
  for (const run of [undefined, OTHER_SPLITTER]) {
    const world = await World.open();
    await world.run(run);
    expected.set(run, await lookAt(world));
    await world.close();
  }
});
afterAll(() => printMatrix(DAMAGES, seen));

const judge = async ({ stage, fault, run, harm, heal, ...damage }: Damage): Promise<void> => {
  const world = await World.open(damage.world);
  const wanted = expected.get(run) ?? {};
  try {
    await world.run();
    await harm(world);
    const disturbed = await world.run(run);
    const outcome = outcomeOf(disturbed);
    seen.set(`${stage}|${fault}|once`, outcome);
    expect(outcome).toBe(damage.outcome);
    const { report } = disturbed;
    if (report) expect(imbalanceOf(report, Object.keys(FILES).length)).toEqual([]);
    const { named } = damage;
    if (named) expect(report?.failures.map(({ doc_id }) => doc_id)).toEqual(named);
    await heal?.(world);
    const calm = await world.run(run);
    expect(outcomeOf(calm)).toBe("recovered");
    const found = await lookAt(world);
    if (calm.report) expect(findLies(calm.report, found, wanted)).toEqual([]);
    expect(found).toEqual(wanted);
    expect(paidTwice(world, damage.paid ?? 1)).toEqual([]);
  } finally {
    await world.close();
  }
};

describe.concurrent("damage to local state is recovered from or reported", () => {
  for (const damage of DAMAGES) it(`${damage.stage} × ${damage.fault}`, () => judge(damage));

  it("saved result × damaged file", async () => {
    const world = await World.open();
    try {
      await mkdir(world.path("saved"));
      const file = world.path("saved/a.json");
      const text = JSON.stringify(resultOf("alpha one"));
      const wrapped = async () => {
        const loader = new UnsiloedResultLoader(file, { root: world.path("saved") });
        return world.run({ sources: loader.sources() });
      };
      await writeFile(file, text.slice(0, -20));
      const broken = await wrapped();
      expect(broken.report?.failures).toMatchObject([
        { doc_id: "a.json", stage: "parse", code: "INVALID_RESULT" },
      ]);
      await writeFile(file, text);
      expect(outcomeOf(await wrapped())).toBe("recovered");
      expect((await lookAt(world))["a.json"]?.points).toHaveLength(2);
      await writeFile(file, text.slice(0, -20));
      expect(outcomeOf(await wrapped())).toBe("INVALID_RESULT");
      expect((await lookAt(world))["a.json"]?.points).toHaveLength(2);
    } finally {
      await world.close();
    }
  });
});
