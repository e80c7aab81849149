import { FakeEmbeddings, FakeVectorStore } from "@langchain/core/utils/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countTokens } from "../../../src/internal/text/tokens.js";
import type { ExpandOptions } from "../../../src/retrieval/expand/expand-options.js";
import { searchSegments } from "../../../src/retrieval/search.js";
import { SegmentRetriever } from "../../../src/retrieval/segment-retriever.js";
import type { SearchFilter } from "../../../src/stores/filter.js";
import { LangChainSink } from "../../../src/stores/langchain/langchain-sink.js";
import { SEARCHABLES, type Searchable } from "../../support/retrieval/searchable.js";
import { heading, type Part, rowsHtml, table, text } from "../../support/splitters/segments.js";
import { isLeftOut, SHARE_SEED } from "../../support/thorough.js";

const sentence = (topic: string, n: number) =>
  `Sentence ${n} of the ${topic} says something that is quite long and ends after a good many words.`;
const paragraph = (topic: string, sentences: number) =>
  Array.from({ length: sentences }, (_, n) => sentence(topic, n)).join(" ");

const caption = (content: string, more: Partial<Part> = {}): Part => ({
  segment_type: "Caption",
  content,
  ...more,
});

const PARTS: Part[] = [
  heading("# Report"), // 0
  text(paragraph("opening", 2)), // 1
  heading("## Alpha"), // 2
  text(paragraph("alpha beginning", 2)), // 3
  text(`${sentence("alpha middle", 0)} The zebra stands here.`), // 4
  text(paragraph("alpha end", 2)), // 5
  { segment_type: "PageFooter", content: "running foot", page_number: 1 }, // 6
  heading("## Beta"), // 7
  text(paragraph("beta", 9)), // 8
  caption("Table 1: Sites by name"), // 9
  table(rowsHtml(["Site", "Power"], 30), { page_number: 1 }), // 10
  table(
    rowsHtml(["Site", "Power"], 5, (row, column) => `r${30 + row}c${column}`),
    { page_number: 2 },
  ), // 11
  text("After the table comes a giraffe.", { page_number: 2 }), // 12
  { segment_type: "Picture", markdown: "A drawing of an okapi in the rain.", content: "", page_number: 2 }, // 13
  caption("Figure 1: The animal of the year", { page_number: 2 }), // 14
  heading("## Alpha", { page_number: 3 }), // 15
  text("A second section of that name holds a lynx.", { page_number: 3 }), // 16
];

describe.each(SEARCHABLES)("expanding hits on %s", (_name, open) => {
  let under: Searchable;
  beforeAll(async () => {
    under = await open();
    await under.add("report.pdf", PARTS);
    await under.add("other.pdf", [heading("## Alpha"), text("Another document with a walrus in it.")]);
  });
  afterAll(() => under.close());

  /** Finds hits, in the form of Documents. */
  const find = async (query: string, expand?: ExpandOptions, k = 1, filter?: SearchFilter) => {
    const target = { sink: under.sink };
    const hits = await searchSegments(target, query, { k, mode: "text", expand, filter });
    return hits.map(({ content, ...hit }) => ({ ...hit, pageContent: content }));
  };
  const findOne = async (query: string, expand?: ExpandOptions) => {
    const [document, ...others] = await find(query, expand);
    expect(others).toEqual([]);
    if (!document) throw new Error(`nothing found for ${query}`);
    return document;
  };

  it("does not change hits by default", async () => {
    const plain = await findOne("zebra");
    expect(plain.metadata.expanded_from).toBeUndefined();
    expect(await findOne("zebra", "none")).toEqual(plain);
    expect(await findOne("zebra", [])).toEqual(plain);
  });

  it("adds the neighbours, in the order of the document", async () => {
    const plain = await findOne("zebra");
    const expanded = await findOne("zebra", "neighbours");
    expect(expanded.id).toBe(plain.id);
    expect(expanded.metadata.expanded_from).toEqual([plain.id]);
    expect(expanded.pageContent).toContain(plain.pageContent);
    expect(expanded.metadata.segment_indices).toEqual([2, 3, 4, 5]);
    const topics = [...expanded.pageContent.matchAll(/of the (alpha \w+)/g)].map(([, topic]) => topic);
    expect([...new Set(topics)]).toEqual(["alpha beginning", "alpha middle", "alpha end"]);
    expect(expanded.metadata.boxes.length).toBe(4);
    expect(expanded.metadata.bbox).toEqual({ left: 100, top: 130, width: 800, height: 150 });
    expect(expanded.metadata.section_path).toEqual(["Report", "Alpha"]);
  });

  it("adds the requested number of neighbours, skips page footers and repeats no shared sentence", async () => {
    const expanded = await findOne("zebra", { to: "neighbours", neighbours: 3, maxTokens: 5000 });
    expect(expanded.metadata.segment_indices).toEqual([0, 1, 2, 3, 4, 5, 7, 8]);
    expect(expanded.pageContent).not.toContain("running foot");
    const beta = [...expanded.pageContent.matchAll(/Sentence (\d) of the beta/g)].map(([, n]) => Number(n));
    expect(beta.length).toBeGreaterThan(1);
    expect(beta).toEqual(beta.map((_, n) => n));
  });

  it("adds fewer neighbours at the edges of a document", async () => {
    const first = await findOne("opening", "neighbours");
    expect(first.metadata.segment_indices[0]).toBe(0);
    const last = await findOne("lynx", "neighbours");
    expect(last.metadata.segment_indices).toEqual([14, 15, 16]);
    const only = await findOne("walrus", ["neighbours", "section"]);
    expect(only.metadata.doc_id).toBe("other.pdf");
    expect(only.pageContent).toContain("walrus");
  });

  it("expands to the section, not to another one with the same name", async () => {
    const expanded = await findOne("zebra", "section");
    expect(expanded.metadata.segment_indices).toEqual([2, 3, 4, 5]);
    expect(expanded.pageContent).not.toContain("lynx");
    expect(expanded.pageContent.match(/## Alpha/g)).toHaveLength(1);
    expect((await findOne("lynx", "section")).metadata.segment_indices).toEqual([15, 16]);
  });

  it("restores a long text, word for word", async () => {
    const expanded = await findOne("beta", { to: "neighbours", neighbours: 9, maxTokens: 5000 });
    expect(expanded.pageContent).toContain(`## Beta\n\n${paragraph("beta", 9)}`);
  });

  it("expands to the whole table over pages, with one header and the rows in order", async () => {
    const [hit] = await find("r17c0", undefined, 1, { segmentTypes: ["Table"] });
    expect(hit?.pageContent).not.toContain("r3c0");
    const expanded = await findOne("r17c0", { to: "table", maxTokens: 5000 });
    const lines = expanded.pageContent.split("\n");
    expect(lines.filter((line) => line.includes("Site | Power"))).toHaveLength(1);
    expect(lines.filter((line) => line.includes("---"))).toHaveLength(1);
    expect(expanded.pageContent.match(/Table 1: Sites by name/g)).toHaveLength(1);
    const rows = lines.filter((line) => /^\| r\d/.test(line));
    expect(rows).toEqual(Array.from({ length: 35 }, (_, n) => `| r${n}c0 | r${n}c1 |`));
    expect(expanded.metadata.segment_indices).toEqual([10, 11]);
    expect(expanded.metadata.boxes.map(({ page_number }) => page_number)).toEqual([1, 2]);
    expect(expanded.metadata.header).toEqual(["Site", "Power"]);
  });

  it("takes the nearest rows when the table does not fit", async () => {
    const expanded = await findOne("r17c0", { to: "table", maxTokens: 200 });
    const rows = expanded.pageContent.split("\n").flatMap((line) => /^\| r(\d+)c0/.exec(line)?.[1] ?? []);
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.length).toBeLessThan(35);
    expect(rows).toContain("17");
    expect(rows).toEqual(rows.map((_, at) => String(Number(rows[0]) + at)));
  });

  it("expands a caption to its picture, and a picture to its caption", async () => {
    const filter = { segmentTypes: ["Caption"] };
    const vector = new SegmentRetriever({
      sink: under.sink,
      embeddings: under.embeddings,
      mode: "dense",
      k: 5,
      filter,
      expand: "caption",
    });
    const found = await vector.invoke("animal of the year");
    const animal = found.find(({ pageContent }) => pageContent.includes("animal"));
    expect(animal?.metadata.segment_indices).toEqual([13, 14]);
    expect(animal?.pageContent).toContain("okapi");
    expect(animal?.pageContent.match(/animal of the year/g)).toHaveLength(1);
    const picture = await findOne("okapi", "caption");
    expect(picture.metadata.segment_indices).toEqual([13, 14]);
    expect(picture.metadata.segment_type).toBe("Picture");
    expect(picture.pageContent.match(/animal of the year/g)).toHaveLength(1);
  });

  it("merges hits that overlap after expansion, at the rank of the better one", async () => {
    const sections = { docIds: ["report.pdf"], sections: ["Alpha"], segments: { from: 2, to: 5 } };
    const plain = await find("zebra alpha end", undefined, 3, sections);
    const expanded = await find("zebra alpha end", "section", 3, sections);
    expect(plain).toHaveLength(3);
    expect(expanded).toHaveLength(1);
    expect(expanded[0]?.id).toBe(plain[0]?.id);
    expect(expanded[0]?.metadata.expanded_from?.sort()).toEqual(plain.map(({ id }) => id).sort());
  });

  it("fills the places of merged hits with further ones, and shows no split twice", async () => {
    const filter = { docIds: ["report.pdf"] };
    const question = "zebra alpha end zebra alpha end sentence";
    const plain = await find(question, undefined, 3, filter);
    const expanded = await find(question, "section", 3, filter);
    expect(expanded).toHaveLength(3);
    const from = expanded.flatMap(({ metadata }) => metadata.expanded_from ?? []);
    expect(from.length).toBeGreaterThan(3);
    expect(new Set(from).size).toBe(from.length);
    expect(from).toEqual(expect.arrayContaining(plain.map(({ id }) => id)));
    const scores = expanded.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    const sentences = expanded.flatMap(
      ({ pageContent }) => pageContent.match(/Sentence \d of the alpha \w+/g) ?? [],
    );
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  it("keeps a hit that is longer than the limit whole, without additions", async () => {
    const plain = await findOne("zebra");
    const expanded = await findOne("zebra", { to: ["neighbours", "section"], maxTokens: 1 });
    expect(expanded.pageContent).toBe(plain.pageContent);
  });

  for (const [index, maxTokens] of [60, 100, 150, 250, 400, 700].entries())
    it(`stays within a limit of ${maxTokens} tokens (seed ${SHARE_SEED})`, {
      skip: isLeftOut(index, 3),
    }, async () => {
      for (const query of ["zebra", "r17c0", "giraffe", "okapi", "beta"]) {
        const plain = await findOne(query);
        for (const to of [["neighbours"], ["section"], ["table", "caption", "neighbours"]] as const) {
          const expanded = await findOne(query, { to: [...to], neighbours: 20, maxTokens });
          const most = Math.max(maxTokens, countTokens(plain.pageContent));
          expect(countTokens(expanded.pageContent)).toBeLessThanOrEqual(most);
          expect(expanded.metadata.segment_indices).toEqual(
            expect.arrayContaining(plain.metadata.segment_indices),
          );
        }
      }
    });

  it("applies several expansions in the given order, within one limit", async () => {
    const expanded = await findOne("giraffe", { to: ["neighbours", "section"], maxTokens: 5000 });
    const neighbours = await findOne("giraffe", "neighbours");
    expect(expanded.metadata.segment_indices).toEqual(
      expect.arrayContaining(neighbours.metadata.segment_indices),
    );
    expect(expanded.metadata.segment_indices).toContain(8);
  });
});

describe("expanding", () => {
  it("names an option that is wrong", () => {
    const sink = new LangChainSink(new FakeVectorStore(new FakeEmbeddings()));
    const make = (expand: unknown) => () => new SegmentRetriever({ sink, expand: expand as ExpandOptions });
    expect(make("everything")).toThrow(/SegmentRetriever: expand/);
    expect(make({ to: "table", maxTokens: 0 })).toThrow(/SegmentRetriever: expand/);
  });

  it("is refused for a store that cannot read points", async () => {
    const sink = new LangChainSink(new FakeVectorStore(new FakeEmbeddings()));
    const under = { dimensions: 4, model: "m" };
    await sink.prepare(under);
    const { samplePoint } = await import("../../support/qdrant-double/sample-points.js");
    await sink.upsert([samplePoint(1)]);
    const embeddings = { embedDocuments: async () => [], embedQuery: async () => [1, 0, 0, 0] };
    const retriever = new SegmentRetriever({ sink, embeddings, expand: "neighbours" });
    await expect(retriever.invoke("x")).rejects.toMatchObject({ code: "UNSUPPORTED_SEARCH" });
  });
});
