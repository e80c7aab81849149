import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedFileLoader } from "../../loaders/file-loader.js";
import type { Emulator } from "../../src/emulator/emulator.js";
import { startEmulator } from "../../src/emulator/server.js";
import { ingest } from "../../src/ingest/ingest.js";
import type { IngestSettings } from "../../src/ingest/options.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { MemoryLedger } from "../../src/ledger/memory-ledger.js";
import { KeptResults } from "../../src/ledger/results/kept-results.js";
import { UnsiloedClient } from "../../src/parse-api/client.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import type { VectorSink } from "../../src/stores/sink.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";
import { cases, isLeftOut, SHARE_SEED } from "../support/thorough.js";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1e9);

const segmentArbitrary = fc.record({
  segment_type: fc.constantFrom(
    "Title",
    "SectionHeader",
    "Text",
    "ListItem",
    "Table",
    "Picture",
    "Caption",
    "Footnote",
    "PageHeader",
    "PageFooter",
    "KeyValuePair",
    "Signature",
    "Unheard",
  ),
  content: fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.lorem({ maxCount: 30 }),
    fc.constant("| a | b |\n| --- | --- |\n| 1 | 2 |"),
    fc.constant("<|endoftext|> and more"),
    fc.constant(""),
  ),
  page_number: fc.integer({ min: 1, max: 4 }),
  confidence: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
});

const documentArbitrary = fc.array(segmentArbitrary, { maxLength: 12 });

/** Counts writes of all kinds in their order, and lets the n-th and all later ones fail. */
class Fuse {
  left: number;
  writes = 0;

  constructor(left = Number.POSITIVE_INFINITY) {
    this.left = left;
  }

  guard<T extends object>(target: T, methods: readonly string[]): T {
    return new Proxy(target, {
      get: (inner, key) => {
        const value: unknown = Reflect.get(inner, key);
        if (typeof value !== "function") return value;
        if (!methods.includes(String(key))) return value.bind(inner);
        return async (...args: unknown[]): Promise<unknown> => {
          this.writes += 1;
          if (this.left <= 0) throw new Error("the process has ended");
          this.left -= 1;
          return value.apply(inner, args);
        };
      },
    });
  }
}

describe(`any documents (seed ${SEED}, of the share ${SHARE_SEED})`, () => {
  let directory: string;
  let emulator: Emulator;
  let contents: Record<string, unknown[]> = {};
  /** Is part of every file, so that a change of it changes all files. */
  let edition = 1;
  const splitter = new SegmentSplitter({ chunkSize: 40, chunkOverlap: 0 });
  const embeddings = new HashedEmbeddings();

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-replay-"));
    emulator = await startEmulator({
      results: ({ fileName }) => ({
        chunks: [{ chunk_id: "c", segments: contents[fileName] ?? [] }],
      }),
    });
  });

  afterEach(async () => {
    await emulator.close();
    await rm(directory, { recursive: true, force: true });
  });

  let worlds = 0;
  const openWorld = () => {
    const place = path.join(directory, `${worlds++}`);
    const ledger = new MemoryLedger();
    return {
      ledger,
      sink: new LanceDbSink({ directory: path.join(place, "store") }),
      results: new KeptResults({ directory: path.join(place, "results") }),
    };
  };
  type World = ReturnType<typeof openWorld>;

  const run = (world: World, names: readonly string[], fuse = new Fuse(), options: IngestSettings = {}) => {
    const client = new UnsiloedClient({
      apiKey: "k",
      baseUrl: emulator.url,
      rateLimit: { requests: 100_000 },
    });
    const files = names.map((name) => ({ data: new TextEncoder().encode(`%PDF ${name} ${edition}`), name }));
    const sink: VectorSink = fuse.guard<VectorSink>(world.sink, ["upsert", "deletePoints"]);
    // Each process opens its own ledger on the same records: claims of a process that ended do not count.
    const ledger: Ledger = fuse.guard<Ledger>(world.ledger, ["put"]);
    const loader = new UnsiloedFileLoader(files, { client, wait: { pollIntervalMs: 1 } });
    return ingest(loader.sources(), {
      sink,
      ledger,
      results: world.results,
      embeddings,
      splitter,
      ...options,
    });
  };

  const pointsOf = async ({ sink }: World): Promise<string[]> => {
    const points: string[] = [];
    for await (const { id, content, metadata } of sink.readPoints({})) {
      const { job_id, chunk_id, options_hash, ...lasting } = metadata;
      points.push(JSON.stringify([id, content, lasting]));
    }
    return points.sort();
  };

  it("have balanced counts, and the same points when they are parsed again in any order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(documentArbitrary, { minLength: 1, maxLength: 4 }), async (documents) => {
        contents = Object.fromEntries(documents.map((segments, index) => [`${index}.pdf`, segments]));
        const names = Object.keys(contents);
        const [one, other] = [openWorld(), openWorld()];
        try {
          for (const [world, order] of [
            [one, names],
            [other, names.toReversed()],
          ] as const) {
            const { segments, sources } = await run(world, order);
            const filtered = Object.values(segments.filtered).reduce((sum, count) => sum + count, 0);
            expect(segments.stored + filtered + segments.failed).toBe(segments.total);
            expect(segments.total).toBe(documents.flat().length);
            expect(sources.succeeded + sources.failed).toBe(names.length);
          }
          expect(await pointsOf(other)).toEqual(await pointsOf(one));
        } finally {
          await Promise.all([one.sink.close(), other.sink.close()]);
        }
      }),
      { seed: SEED, numRuns: cases(12) },
    );
  });

  it("reach the same state, even when a run was interrupted at any point before", async () => {
    contents = {
      "a.pdf": [
        { segment_type: "Text", content: "Alpha beta gamma.", page_number: 1 },
        { segment_type: "Table", content: "| a |\n| --- |\n| 1 |", page_number: 1 },
      ],
      "b.pdf": [{ segment_type: "Text", content: "Delta epsilon.", page_number: 1 }],
    };
    const names = Object.keys(contents);
    const whole = openWorld();
    const counting = new Fuse();
    await run(whole, names, counting);
    const expected = await pointsOf(whole);
    expect(expected.length).toBeGreaterThan(2);
    await whole.sink.close();
    for (let prefix = 0; prefix < counting.writes; prefix++) {
      if (isLeftOut(prefix, 2)) continue;
      const before = emulator.submissions;
      const world = openWorld();
      await run(world, names, new Fuse(prefix));
      const calm = await run(world, names);
      // An interruption between a submission and the record of its job leaves an unknown outcome.
      const unknown = calm.failures.filter(({ code }) => code === "SUBMISSION_UNKNOWN");
      expect([prefix, calm.failures]).toEqual([prefix, unknown]);
      expect(emulator.submissions - before).toBe(names.length);
      if (unknown.length > 0) await run(world, names, new Fuse(), { resubmitUnknown: true });
      expect([prefix, await pointsOf(world)]).toEqual([prefix, expected]);
      expect([prefix, (await run(world, names)).sources.unchanged]).toEqual([prefix, names.length]);
      expect(emulator.submissions - before).toBe(names.length + unknown.length);
      await world.sink.close();
    }
  });

  it("keep the old text until the new text is stored, and reach the same state after any interruption", async () => {
    const editions: Record<string, unknown[]>[] = [
      {
        "a.pdf": [
          { segment_type: "Text", content: "Alpha beta gamma.", page_number: 1 },
          { segment_type: "Table", content: "| a |\n| --- |\n| 1 |", page_number: 1 },
        ],
        "b.pdf": [{ segment_type: "Text", content: "Delta epsilon.", page_number: 1 }],
      },
      {
        "a.pdf": [
          { segment_type: "Text", content: "Alpha omega.", page_number: 1 },
          { segment_type: "Table", content: "| a |\n| --- |\n| 1 |", page_number: 1 },
        ],
        "b.pdf": [{ segment_type: "Text", content: "Zeta eta.", page_number: 2 }],
      },
    ];
    const names = ["a.pdf", "b.pdf"];
    const use = (index: number): void => {
      edition = index;
      contents = editions[index] ?? {};
    };
    const idsOf = async (world: World): Promise<Record<string, string[]>> =>
      Object.fromEntries(
        await Promise.all(
          names.map(async (name) => {
            const ids: string[] = [];
            for await (const { id } of world.sink.listPoints(name)) ids.push(id);
            return [name, ids] as const;
          }),
        ),
      );
    const replaced = openWorld();
    use(0);
    await run(replaced, names);
    const old = await idsOf(replaced);
    use(1);
    const counting = new Fuse();
    await run(replaced, names, counting);
    const [expected, fresh] = [await pointsOf(replaced), await idsOf(replaced)];
    await replaced.sink.close();
    for (let prefix = 0; prefix < counting.writes; prefix++) {
      if (isLeftOut(prefix, 2)) continue;
      const world = openWorld();
      use(0);
      await run(world, names);
      use(1);
      const before = emulator.submissions;
      await run(world, names, new Fuse(prefix));
      for (const [name, ids] of Object.entries(await idsOf(world))) {
        const holds = (wanted: string[] = []) => wanted.every((id) => ids.includes(id));
        expect([prefix, name, holds(old[name]) || holds(fresh[name])]).toEqual([prefix, name, true]);
      }
      const calm = await run(world, names);
      const unknown = calm.failures.filter(({ code }) => code === "SUBMISSION_UNKNOWN");
      expect([prefix, calm.failures]).toEqual([prefix, unknown]);
      if (unknown.length > 0) await run(world, names, new Fuse(), { resubmitUnknown: true });
      expect([prefix, await pointsOf(world)]).toEqual([prefix, expected]);
      expect(emulator.submissions - before).toBe(names.length + unknown.length);
      await world.sink.close();
    }
  });
});
