import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UnsiloedError } from "../../src/errors.js";
import { evaluate } from "../../src/retrieval/evaluate/evaluate.js";
import { searchSegments } from "../../src/retrieval/search.js";
import { SegmentRetriever } from "../../src/retrieval/segment-retriever.js";
import { createSearchTool } from "../../src/retrieval/tool/search-tool.js";
import type { SearchFilter } from "../../src/stores/filter.js";
import { SEARCHABLES, type Searchable } from "../support/retrieval/searchable.js";
import { heading, text } from "../support/splitters/segments.js";

/** Calls with values that types forbid, as a program in JavaScript may. */
const untyped = (call: (...given: never[]) => unknown, ...given: unknown[]): unknown =>
  Reflect.apply(call, undefined, given);
const make = (type: new (options: never) => unknown, options: unknown): unknown =>
  Reflect.construct(type, [options]);

describe.each(SEARCHABLES)("retrieval on %s", (_name, open) => {
  let under: Searchable;
  beforeAll(async () => {
    under = await open();
    await under.add("annual-report.pdf", [heading("# Results"), text("The dividend is 1.35 euros.")]);
    await under.add("notes/minutes.pdf", [text("The board met.")]);
  });
  afterAll(() => under.close());

  it.each([
    [undefined, /^SegmentRetriever: expected object, got nothing$/],
    [{}, /^SegmentRetriever: sink: expected a store, such as a QdrantSink or a LanceDbSink, got nothing$/],
    [{ sink: 1 }, /sink: expected a store.*got 1 \(number\)/],
    [{ embeddings: {} }, /embeddings: expected embeddings of LangChain/],
    [{ filtr: { docIds: ["a"] } }, /^SegmentRetriever: unknown option filtr; did you mean filter\?$/],
    [
      { filter: { docIDs: ["a"] } },
      /^SegmentRetriever: filter: unknown option docIDs; did you mean docIds\?$/,
    ],
    [{ onProblem: "x" }, /onProblem: expected a function/],
    [{ mode: "dense" }, /^SegmentRetriever: embeddings: expected the model .* for mode "dense", got nothing/],
    [{ mode: "hybrid" }, /embeddings: expected the model .* for mode "hybrid"/],
    [
      { filter: { segmentTypes: ["tabel"] } },
      /filter\.segmentTypes\[0\]: expected a segment type, such as "Table"/,
    ],
  ])("refuses %j as options of the retriever", (given, message) => {
    const options =
      given && "sink" in given
        ? given
        : given && Object.keys(given).length > 0
          ? { sink: under.sink, ...given }
          : given;
    expect(() => make(SegmentRetriever, options)).toThrow(message);
  });

  it("passes options of LangChain's retrievers on", () => {
    const retriever = new SegmentRetriever({
      sink: under.sink,
      tags: ["a"],
      metadata: { b: 1 },
      verbose: true,
    });
    expect(retriever).toMatchObject({ tags: ["a"], metadata: { b: 1 }, verbose: true });
  });

  it("refuses wrong options of the search tool", () => {
    const retriever = new SegmentRetriever({ sink: under.sink });
    expect(() => untyped(createSearchTool)).toThrow(/retriever: expected a SegmentRetriever/);
    expect(() => untyped(createSearchTool, retriever, { nam: "x" })).toThrow(
      /unknown option nam; did you mean name\?/,
    );
    expect(() => untyped(createSearchTool, retriever, { filters: { page: false } })).toThrow(/filters/);
    expect(() => untyped(createSearchTool, retriever, null)).toThrow(
      /createSearchTool: expected object, got null/,
    );
  });

  it("refuses a missing store in its functions", async () => {
    await expect(untyped(searchSegments, {}, "question")).rejects.toThrow(
      /^searchSegments: sink: expected a store/,
    );
    await expect(untyped(evaluate, {}, [])).rejects.toThrow(/^evaluate: sink: expected a store/);
  });

  it.each(["", " \n", undefined])("says that a question of %j is none", async (question) => {
    const retriever = new SegmentRetriever({ sink: under.sink, mode: "text" });
    const expected = { code: "INVALID_OPTION", message: expect.stringContaining("expected a question") };
    await expect(Reflect.apply(retriever.invoke, retriever, [question])).rejects.toMatchObject(expected);
    await expect(untyped(searchSegments, { sink: under.sink }, question)).rejects.toMatchObject(expected);
  });

  it.each<[SearchFilter, RegExp | undefined]>([
    [
      { docIds: ["anual-report.pdf"] },
      /^filter\.docIds: no document "anual-report\.pdf" in .*; did you mean "annual-report\.pdf"\?$/,
    ],
    [{ docIds: ["minutes.pdf"] }, /did you mean "notes\/minutes\.pdf"\?$/],
    [{ sections: ["results"] }, /^filter\.sections: no section "results" in .*; did you mean "Results"\?$/],
    [{ segmentTypes: ["Hologram"] }, /^filter\.segmentTypes: no segment type "Hologram" in /],
    [{ docIds: ["annual-report.pdf"], pages: { from: 99, to: 99 } }, undefined],
  ])("with %j finds nothing and names what is nearest", async (filter, expected) => {
    const problems: UnsiloedError[] = [];
    const onProblem = (problem: UnsiloedError): void => void problems.push(problem);
    const found = await searchSegments({ sink: under.sink }, "dividend", { mode: "text", filter, onProblem });
    expect(found).toEqual([]);
    expect(problems.map(({ message }) => message)).toEqual(expected ? [expect.stringMatching(expected)] : []);
  });

  it("warns as Node does when no one else is told", async () => {
    const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
    await new SegmentRetriever({ sink: under.sink, mode: "text", filter: { docIds: ["x.pdf"] } }).invoke(
      "dividend",
    );
    expect(await warned).toMatchObject({ name: "UnsiloedWarning", code: "INVALID_OPTION" });
  });

  it("takes segment types in either naming of the service", async () => {
    const filter = { segmentTypes: ["paragraph"] };
    expect(await searchSegments({ sink: under.sink }, "dividend", { mode: "text", filter })).toHaveLength(1);
  });
});
