import { Document } from "@langchain/core/documents";
import { describe, expect, it } from "vitest";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { forgetDocument } from "../../src/ingest/forget.js";
import { ingest } from "../../src/ingest/ingest.js";
import { planIngest } from "../../src/ingest/plan.js";
import { repairLedger } from "../../src/ingest/repair.js";
import { MemoryLedger } from "../../src/ledger/memory-ledger.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";

// As JavaScript calls them, where nothing checks the types.
type Loose = (...values: unknown[]) => Promise<unknown>;
const looseIngest: Loose = (sources, options) => Reflect.apply(ingest, undefined, [sources, options]);
const loosePlan: Loose = (sources, options) =>
  Reflect.apply(planIngest, undefined, [sources, options]).next();
const looseForget: Loose = (target) => Reflect.apply(forgetDocument, undefined, ["a.pdf", target]);
const looseRepair: Loose = (target) => Reflect.apply(repairLedger, undefined, [target]);

const parts = () => ({
  sink: new LanceDbSink({ directory: "never-made" }),
  embeddings: new HashedEmbeddings(),
  splitter: new SegmentSplitter(),
});

const OF_BOTH: [string, object, string][] = [
  [
    "a sink of another type",
    { sink: 1 },
    "sink: expected a store, such as a LanceDbSink or QdrantSink, got 1 (number)",
  ],
  [
    "embeddings without methods",
    { embeddings: {} },
    "embeddings: expected LangChain embeddings, such as PackedOpenAIEmbeddings, got {} (object)",
  ],
  [
    "parts in each other's place",
    { sink: new HashedEmbeddings() },
    "sink: expected a store, such as a LanceDbSink or QdrantSink, got a HashedEmbeddings",
  ],
  [
    "no splitter",
    { splitter: null },
    "splitter: expected a splitter, such as a SegmentSplitter, got null (null)",
  ],
  [
    "a ledger that is a path",
    { ledger: "ledger" },
    'ledger: expected a ledger, such as an LmdbLedger, got "ledger" (string)',
  ],
  ["a signal that is none", { signal: {} }, "signal: expected an AbortSignal, got {} (object)"],
  ["a misspelt name", { ledgr: new MemoryLedger() }, "unknown option ledgr; did you mean ledger?"],
];

describe("options that are wrong", () => {
  it.each([
    ...OF_BOTH,
    ["a listener that is none", { onEvent: 1 }, "onEvent: expected a function, got 1 (number)"],
    ["a model without a name", { model: 5 }, "model: expected string, got 5 (number)"],
  ] as const)("are named by ingest: %s", async (_name, wrong, message) => {
    await expect(looseIngest([], { ...parts(), ...wrong })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: `ingest: ${message}`,
    });
  });

  it.each(OF_BOTH)("are named by planIngest: %s", async (_name, wrong, message) => {
    await expect(loosePlan([], { ...parts(), ...wrong })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: `plan: ${message}`,
    });
  });

  it("are named if there are none", async () => {
    const code = "INVALID_OPTION";
    await expect(looseIngest([])).rejects.toMatchObject({
      code,
      message: "ingest: expected object, got nothing",
    });
    await expect(looseForget({ sink: 1 })).rejects.toMatchObject({
      code,
      message: expect.stringContaining("forgetDocument: sink: expected a store"),
    });
    await expect(looseRepair({ sink: parts().sink })).rejects.toMatchObject({
      code,
      message: "repairLedger: ledger: expected a ledger, such as an LmdbLedger, got nothing",
    });
  });

  const loader = new UnsiloedResultLoader({ chunks: [] }, { docId: "a" });
  it.each<[string, unknown, RegExp]>([
    ["a path", "contracts/", /^sources: expected sources, .* got "contracts\/" \(string\)$/],
    ["a list of paths", ["a.pdf"], /^sources: expected sources of documents, .* got "a.pdf" \(string\)$/],
    ["a loader", loader, /^sources: expected the sources of the loader: loader\.sources\(\), got a Unsiloed/],
    ["loaded Documents", [new Document({ pageContent: "a" })], /^sources: .* got a Document$/],
  ])("are named where the sources are %s", async (_name, sources, message) => {
    for (const call of [looseIngest, loosePlan]) {
      const sink = { ...stubSink };
      await expect(call(sources, { ...parts(), sink })).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringMatching(message),
      });
    }
  });
});

/** As much of a store as is asked before the first source. */
const stubSink = {
  description: "stub",
  open: async () => ({ spec: { model: "hashed", dimensions: 32 } }),
  prepare: async () => undefined,
  upsert: async () => 0,
  count: async () => 0,
};
