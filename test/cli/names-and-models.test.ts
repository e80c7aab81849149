import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FAST, Workspace } from "../support/cli/workspace.js";

let space: Workspace;

beforeEach(async () => {
  space = await Workspace.open({}, ["acme-lease_2021.pdf"]);
});
afterEach(() => space.close());

const ingest = (...more: string[]) => space.json("ingest", "acme-lease_2021.pdf", ...FAST, ...more);

const titlesFor = async (question: string): Promise<(string | undefined)[]> => {
  const { hits } = await space.json("search", question, "--mode", "text");
  return hits.map(({ metadata }: { metadata: { title?: string } }) => metadata.title);
};

describe("the title of a document", () => {
  it("is its file name in words, by which it is found", async () => {
    expect(await ingest()).toMatchObject({ code: 0, failures: [] });
    const titles = await titlesFor("Which lease is of 2021?");
    expect(titles.length).toBeGreaterThan(0);
    expect(new Set(titles)).toEqual(new Set(["acme lease 2021"]));
  });

  it("is what --title says, and another title needs no other parse", async () => {
    await ingest("--title", "Warehouse contract");
    expect(new Set(await titlesFor("warehouse"))).toEqual(new Set(["Warehouse contract"]));
    const same = ["--title", "Warehouse contract"];
    expect(await ingest(...same)).toMatchObject({ sources: { unchanged: 1 } });
    const plan = (...more: string[]) => space.json("plan", "acme-lease_2021.pdf", ...more);
    expect(await plan(...same)).toMatchObject({ actions: { unchanged: 1 } });
    expect(await plan("--title", "Depot")).toMatchObject({ actions: { store: 1 } });

    expect(await ingest("--title", "Depot")).toMatchObject({
      failures: [],
      sources: { succeeded: 1, unchanged: 0 },
    });
    expect(new Set(await titlesFor("depot"))).toEqual(new Set(["Depot"]));
    expect(await titlesFor("warehouse")).toEqual([]);

    expect(space.emulator.submissions).toBe(1);
  });

  it("is kept by later runs until an empty one takes it back", async () => {
    await ingest("--title", "Depot");
    expect(await space.json("plan", "acme-lease_2021.pdf")).toMatchObject({ actions: { unchanged: 1 } });
    expect(await ingest()).toMatchObject({ sources: { unchanged: 1 } });
    await space.write("acme-lease_2021.pdf", "changed");
    expect(await ingest()).toMatchObject({ failures: [], sources: { succeeded: 1, unchanged: 0 } });
    expect(new Set(await titlesFor("depot"))).toEqual(new Set(["Depot"]));
    const plan = await space.json("plan", "acme-lease_2021.pdf", "--title", "");
    expect(plan).toMatchObject({ actions: { store: 1 } });
    expect(await ingest("--title", "")).toMatchObject({ failures: [], sources: { unchanged: 0 } });
    expect(new Set(await titlesFor("lease"))).toEqual(new Set(["acme lease 2021"]));
    expect(await ingest()).toMatchObject({ sources: { unchanged: 1 } });
    expect(space.emulator.submissions).toBe(2);
  });

  it("is kept by a retry", async () => {
    await space.restart({ faults: [{ on: "status", fault: "failed" }] });
    expect(await ingest("--title", "Depot")).toMatchObject({ code: 1 });
    expect(await space.json("retry", ...FAST)).toMatchObject({ code: 0, failures: [] });
    expect(new Set(await titlesFor("depot"))).toEqual(new Set(["Depot"]));
  });

  it("is of a single source", async () => {
    await space.write("other.pdf");
    const run = await space.cli(["ingest", "acme-lease_2021.pdf", "other.pdf", "--title", "Depot"]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("--title: expected a single source, got 2");
  });
});

describe("a question without text", () => {
  it.each([[], ["--mode", "text"]])("is refused before a store is opened %j", async (...mode) => {
    const run = await space.cli(["search", " ", ...mode]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('INVALID_OPTION: question: expected a question, got " "');
  });
});

describe("a model at an address", () => {
  const PREFIXES = ["--query-prefix", "query: ", "--document-prefix", "passage: "];

  it("embeds with its prefixes, which later questions need not repeat", async () => {
    const address = `${space.openai.baseURL}#e5`;
    const report = await ingest("--embeddings", address, "--dimensions", "8", ...PREFIXES);
    expect(report).toMatchObject({ code: 0, failures: [] });
    expect(report.embeddings).toBe(
      'e5 with query prefix "query: " and document prefix "passage: " (8 dimensions)',
    );
    const inputs = space.openai.requests.flatMap((request) => request.inputs);
    expect(inputs.some((input) => input.startsWith("passage: acme lease 2021"))).toBe(true);
    for (const { headers } of space.openai.requests) expect(headers.authorization).toBeUndefined();

    const question = ["search", "Which rent?", "--embeddings", space.openai.baseURL, "--dimensions", "8"];
    expect((await space.json(...question)).hits.length).toBeGreaterThan(0);
    expect(space.openai.requests.at(-1)?.inputs).toEqual(["query: Which rent?"]);
  });

  it("does not mix vectors of other prefixes, and keeps them apart in the cache", async () => {
    const address = `${space.openai.baseURL}#e5`;
    await ingest("--embeddings", address, ...PREFIXES);
    const run = await space.cli(["ingest", "acme-lease_2021.pdf", ...FAST, "--embeddings", address]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("STORE_MISMATCH");
    expect(run.stderr).toContain('document prefix "passage: "');

    const before = space.openai.requests.length;
    const apart = await ingest("--embeddings", address, "--collection", "other");
    expect(apart).toMatchObject({ code: 0, failures: [] });
    const sent = space.openai.requests.slice(before).flatMap((request) => request.inputs);
    expect(sent.some((input) => input.startsWith("acme lease 2021"))).toBe(true);
    expect(space.emulator.submissions).toBe(1);
  });
});
