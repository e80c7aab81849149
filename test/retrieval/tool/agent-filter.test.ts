import { FakeEmbeddings, FakeVectorStore } from "@langchain/core/utils/testing";
import { AIMessage, createAgent, fakeModel } from "langchain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { UnsiloedError } from "../../../src/errors.js";
import { propertyOf } from "../../../src/internal/objects.js";
import { SegmentRetriever } from "../../../src/retrieval/segment-retriever.js";
import { createSearchTool } from "../../../src/retrieval/tool/search-tool.js";
import type { SearchToolOptions } from "../../../src/retrieval/tool/tool-options.js";
import type { SearchFilter } from "../../../src/stores/filter.js";
import { LangChainSink } from "../../../src/stores/langchain/langchain-sink.js";
import { QdrantSink } from "../../../src/stores/qdrant/index.js";
import { SEARCHABLES, type Searchable } from "../../support/retrieval/searchable.js";
import { heading, rowsHtml, table, text } from "../../support/splitters/segments.js";

const PARTS = [
  heading("# Report"),
  heading("## Dividend policy"),
  text("The dividend is 1.35 euros."),
  table(rowsHtml(["dividend", "year"], 3), { page_number: 7 }),
  heading("## Outlook", { page_number: 9 }),
  text("Next year the dividend grows.", { page_number: 9 }),
];

describe.each(SEARCHABLES)("filters of an agent on %s", (_name, open) => {
  let under: Searchable;
  beforeAll(async () => {
    under = await open();
    await under.add("reports/2025.pdf", PARTS, 60, "/home/alice/reports/2025.pdf");
    await under.add("reports/2024.pdf", [text("The dividend was 1.20 euros.")]);
    await under.add("contract-42", [text("No dividend before the loan is repaid.")], 60, "/srv/loan.pdf");
    await under.add("private/board.pdf", [text("The secret dividend is 9 euros.")]);
  });
  afterAll(() => under.close());

  const toolWith = (options: SearchToolOptions = {}, filter?: SearchFilter, k = 10) =>
    createSearchTool(new SegmentRetriever({ sink: under.sink, mode: "text", k, filter }), options);
  const shared: SearchFilter = { docIds: ["reports/2025.pdf", "reports/2024.pdf", "contract-42"] };

  it.each([
    [{ documents: ["reports/2025.pdf"] }, /1\.35 euros/, /1\.20|loan|secret/],
    [{ documents: ["2025.pdf"] }, /1\.35 euros/, /1\.20|loan|secret/],
    [{ documents: ["2024"] }, /1\.20 euros/, /1\.35/],
    [{ pages: { from: 7, to: 8 } }, /\| dividend \| year \|/, /euros/],
    [{ types: ["table"] }, /\| dividend \| year \|/, /euros/],
    [{ sections: ["dividend POLICY"] }, /1\.35 euros/, /grows|1\.20/],
    [{ documents: [], types: null, pages: null, sections: undefined }, /1\.20/, /Nothing/],
  ])("%j narrows the search", async (given, shown, hidden) => {
    const answer: unknown = await toolWith().invoke({ query: "dividend", ...given });
    expect(answer).toMatch(shown);
    expect(answer).not.toMatch(hidden);
  });

  it.each<[object, RegExp, RegExp]>([
    [{ documents: "2024.pdf" }, /1\.20 euros/, /1\.35/],
    [{ documents: "Report of 2024 (reports/2024.pdf)" }, /1\.20 euros/, /1\.35/],
    [{ documents: "" }, /1\.35 euros/, /Not searched/],
    [{ pages: 7 }, /\| dividend \| year \|/, /euros/],
    [{ pages: { from: "7", to: "8" } }, /\| dividend \| year \|/, /euros/],
    [{ types: "table" }, /\| dividend \| year \|/, /euros/],
  ])("%j, which is not of the schema, is understood", async (given, shown, hidden) => {
    const tool = toolWith();
    const answer: unknown = await tool.invoke({ ...given, query: "dividend" });
    expect(answer).toMatch(shown);
    expect(answer).not.toMatch(hidden);
  });

  it.each<[object, string]>([
    [
      { query: "dividend", pages: { from: 1 } },
      "Not searched: arguments: pages.to: expected number, got nothing.",
    ],
    [
      { query: "dividend", documents: 5 },
      "Not searched: arguments: documents: expected array, got 5 (number).",
    ],
    [{}, "Not searched: query: expected what to look for, got an empty text."],
  ])("%j is answered by a text", async (given, expected) => {
    const call = { name: "search_documents", id: "1", type: "tool_call" as const, args: { ...given } };
    const answer: unknown = await toolWith().invoke(call);
    expect(propertyOf(answer, "content")).toBe(`${expected} Correct the arguments and search again.`);
  });

  it("accepts a document by the name under which a passage has shown it", async () => {
    const tool = toolWith();
    expect(await tool.invoke({ query: "dividend before the loan" })).toContain("(loan.pdf, page 1");
    const answer = await tool.invoke({ query: "dividend", documents: ["loan.pdf"] });
    expect(answer).toContain("No dividend");
    expect(answer).not.toContain("euros");
  });

  it("hold beside the filter of the retriever, never in place of it", async () => {
    const tool = toolWith({}, { ...shared, sections: ["Report"], pages: { from: 1, to: 7 } });
    expect(await tool.invoke({ query: "dividend", sections: ["Dividend policy"] })).toContain("1.35");
    expect(await tool.invoke({ query: "dividend", pages: { from: 7, to: 9 } })).not.toMatch(/1\.35|grows/);
    const answer: unknown = await tool.invoke({ query: "dividend", documents: ["private/board.pdf"] });
    expect(answer).toMatch(/^Not searched: there is no document "private\/board\.pdf"/);
    expect(answer).not.toContain("secret");
  });

  it.each([
    [
      { documents: ["reports/2052.pdf"] },
      /no document "reports\/2052\.pdf"; did you mean "reports\/202[45]\.pdf"\?/,
    ],
    [{ sections: ["Outlok"] }, /no section "Outlok"; did you mean "Outlook"\?/],
    [{ types: ["tabel"] }, /expected a segment type, such as "Table", got "tabel"/],
    [{ pages: { from: 9, to: 2 } }, /pages: expected a page range whose end is not before its start/],
    [{ query: "  " }, /query: expected what to look for, got an empty text/],
  ])("%j is answered by what to correct", async (given, expected) => {
    const answer: unknown = await toolWith({}, shared).invoke({ query: "dividend", ...given });
    expect(answer).toMatch(/^Not searched: .*Correct the arguments and search again\.$/s);
    expect(answer).toMatch(expected);
    expect(answer).not.toMatch(/board|alice|\/srv/);
  });

  it("says that the filters may be why nothing was found", async () => {
    expect(await toolWith().invoke({ query: "loan", types: ["Table"] })).toBe(
      "Nothing was found with these filters.",
    );
  });

  it("can be withheld or limited to choices", async () => {
    const none = toolWith({ filters: false });
    expect(Object.keys(propertiesOf(none.schema))).toEqual(["query"]);
    expect(await none.invoke({ query: "dividend loan", documents: ["2024"] })).toContain("loan is repaid");
    const some = toolWith({
      filters: { documents: ["reports/2025.pdf"], pages: false, types: ["Table", "Text"] },
    });
    expect(propertiesOf(some.schema)).toMatchObject({
      documents: { anyOf: [{ items: { enum: ["reports/2025.pdf"] } }, { type: "null" }] },
      types: { anyOf: [{ items: { enum: ["Table", "Text"] } }, { type: "null" }] },
    });
    expect(Object.keys(propertiesOf(some.schema))).toEqual(["query", "documents", "types", "sections"]);
    expect(await some.invoke({ query: "dividend", documents: ["2024"] })).toMatch(
      /no document "2024".*there are: "reports\/2025\.pdf"/,
    );
    expect(await some.invoke({ query: "dividend", types: ["Picture"] })).toMatch(/no segment type "Picture"/);
  });

  it("are described to the model, each as one that may be left out", () => {
    const schema = z.toJSONSchema(toolWith().schema, { io: "input" });
    expect(schema.required).toEqual(["query"]);
    for (const property of Object.values(propertiesOf(toolWith().schema)))
      expect(property).toHaveProperty("description");
  });

  it("serve an agent of LangChain", async () => {
    const tool = toolWith();
    const model = fakeModel()
      .respondWithTools([{ name: tool.name, args: { query: "dividend", types: ["Table"] } }])
      .respond((messages) => new AIMessage(String(messages.at(-1)?.text)));
    const { messages } = await createAgent({ model, tools: [tool] }).invoke({
      messages: [{ role: "user", content: "Which years?" }],
    });
    expect(messages.at(-1)?.text).toContain("| dividend | year |");
  });

  it("leave no absolute path in what the model reads", async () => {
    const answer = await toolWith().invoke({ query: "dividend loan euros" });
    expect(answer).toContain("(reports/2025.pdf, page 1");
    expect(answer).not.toMatch(/alice|\/srv/);
  });
});

const propertiesOf = (schema: z.ZodType): Record<string, unknown> =>
  z.toJSONSchema(schema, { io: "input" }).properties ?? {};

describe("an error that the agent cannot mend", () => {
  it("is told to the program, and to the model without address or path", async () => {
    const problems: UnsiloedError[] = [];
    const sink = new QdrantSink({ url: "http://127.0.0.1:1", attempts: 1 });
    const tool = createSearchTool(new SegmentRetriever({ sink, mode: "text" }), {
      onProblem: (problem) => problems.push(problem),
    });
    expect(await tool.invoke({ query: "dividend" })).toBe(
      "The search failed (STORE_UNREACHABLE). It may succeed later.",
    );
    expect(problems.map(({ code }) => code)).toEqual(["STORE_UNREACHABLE"]);
  });

  it("is a filter where the store has none", async () => {
    const sink = new LangChainSink(new FakeVectorStore(new FakeEmbeddings()), {
      spec: { dimensions: 4, model: "m" },
    });
    const retriever = new SegmentRetriever({ sink, embeddings: new FakeEmbeddings() });
    const tool = createSearchTool(retriever, { onProblem: () => undefined });
    expect(await tool.invoke({ query: "x", documents: ["a.pdf"] })).toMatch(
      /^Not searched: .*query alone\.$/,
    );
  });
});
