import { ContextualCompressionRetriever } from "@langchain/classic/retrievers/contextual_compression";
import { EnsembleRetriever } from "@langchain/classic/retrievers/ensemble";
import { MultiQueryRetriever } from "@langchain/classic/retrievers/multi_query";
import { ParentDocumentRetriever } from "@langchain/classic/retrievers/parent_document";
import { MemoryVectorStore } from "@langchain/classic/vectorstores/memory";
import { Document, type DocumentInterface } from "@langchain/core/documents";
import { InMemoryStore } from "@langchain/core/stores";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExpandOptions } from "../../src/retrieval/expand/expand-options.js";
import { SegmentRetriever } from "../../src/retrieval/segment-retriever.js";
import { SEARCHABLES, type Searchable } from "../support/retrieval/searchable.js";
import { heading, rowsHtml, table, text } from "../support/splitters/segments.js";

const QUESTIONS = ["dividend per share", "share dividend", "the dividend of the year"];

describe.each(SEARCHABLES)("LangChain's retrievers over SegmentRetriever on %s", (_name, open) => {
  let under: Searchable;
  beforeAll(async () => {
    under = await open();
    await under.add("report.pdf", [
      heading("# Report"),
      text("The dividend is 1.35 euros per share."),
      text("Sites had power all year.", { page_number: 2 }),
      table(rowsHtml(["Site", "Power"], 60), { page_number: 3 }),
      text("The supervisory board proposes the dividend.", { page_number: 4 }),
    ]);
  });
  afterAll(() => under.close());

  const retriever = (
    k: number,
    mode: "dense" | "text" | "hybrid" = "hybrid",
    expand: ExpandOptions = "none",
  ) => new SegmentRetriever({ sink: under.sink, embeddings: under.embeddings, k, mode, expand });

  const idsIn = (documents: readonly DocumentInterface[]) => documents.map(({ id }) => id);

  const multiQuery = (inner: SegmentRetriever, questions: readonly string[]) =>
    MultiQueryRetriever.fromLLM({
      llm: new FakeListChatModel({ responses: [`<questions>\n${questions.join("\n")}\n</questions>`] }),
      retriever: inner,
    });

  it("MultiQueryRetriever returns each text once, though its score differs by question", async () => {
    const inner = retriever(3);
    const scores = await Promise.all(QUESTIONS.map((question) => inner.retrieveWithScores(question)));
    expect(new Set(scores.map(([best]) => best?.[1])).size).toBeGreaterThan(1);
    const found = await multiQuery(inner, QUESTIONS).invoke("dividend");
    const apart = scores.flatMap((pairs) => pairs.map(([{ id }]) => id));
    expect(apart.length).toBeGreaterThan(new Set(apart).size);
    expect(idsIn(found).sort()).toEqual([...new Set(apart)].sort());
  });

  it("MultiQueryRetriever returns a table once that its questions find by different rows", async () => {
    const inner = retriever(1, "text", { to: "table", maxTokens: 5000 });
    const rows = ["r3c0", "r40c0", "r57c1"];
    const parts = await Promise.all(rows.map((row) => retriever(1, "text").invoke(row)));
    expect(new Set(parts.flatMap(idsIn)).size).toBeGreaterThan(1);
    const found = await multiQuery(inner, rows).invoke("rows");
    expect(found).toHaveLength(1);
    expect(idsIn(found)).toEqual(idsIn(await inner.invoke("r40c0")));
  });

  it("EnsembleRetriever merges searches by words and by vector, with the metadata intact", async () => {
    const ensemble = new EnsembleRetriever({ retrievers: [retriever(3, "text"), retriever(3, "dense")] });
    const found = await ensemble.invoke("dividend per share");
    expect(new Set(idsIn(found)).size).toBe(found.length);
    expect(found[0]?.metadata).toEqual(
      (await retriever(1, "text").invoke("dividend per share"))[0]?.metadata,
    );
  });

  it("ContextualCompressionRetriever keeps ids and locations of what its compressor keeps", async () => {
    const compression = new ContextualCompressionRetriever({
      baseRetriever: retriever(3),
      baseCompressor: {
        compressDocuments: async (documents) =>
          documents.map(
            ({ pageContent, metadata, ...rest }) =>
              new Document({ ...rest, pageContent: pageContent.slice(0, 10), metadata: { ...metadata } }),
          ),
      },
    });
    const found = await compression.invoke("dividend per share");
    expect(idsIn(found)).toEqual(idsIn(await retriever(3).invoke("dividend per share")));
    expect(found.every(({ metadata }) => metadata["boxes"].length > 0)).toBe(true);
  });

  it("gives Documents that survive JSON, the same for the same text after every question", async () => {
    const [one] = await retriever(1).invoke("dividend per share");
    const [two] = await retriever(1).invoke("share dividend");
    expect(one).toEqual(two);
    expect(one?.id).toMatch(/^[\da-f-]{36}$/);
    expect(one?.metadata).not.toHaveProperty("score");
    const copy: unknown = JSON.parse(JSON.stringify({ ...one }));
    expect(copy).toEqual({ ...one });
  });

  it("returns scores beside the Documents, best first, and adds conditions to its filter", async () => {
    const inner = new SegmentRetriever({
      sink: under.sink,
      mode: "text",
      filter: { pages: { from: 1, to: 3 } },
    });
    const found = await inner.retrieveWithScores("dividend power");
    const scores = found.map(([, score]) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(found.map(([document]) => document)).toEqual(await inner.invoke("dividend power"));
    const both = await inner.retrieveWithScores("dividend power", { filter: { pages: { from: 2, to: 4 } } });
    const pages = both.map(([{ metadata }]) => metadata.boxes.map(({ page_number }) => page_number));
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.every((on) => on.some((page) => page === 2 || page === 3))).toBe(true);
    const controller = new AbortController();
    controller.abort();
    await expect(inner.retrieveWithScores("x", { signal: controller.signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });
});

describe("LangChain's ParentDocumentRetriever", () => {
  it("returns whole splits, with their locations", async () => {
    const { embeddings, add, sink, close } = await (SEARCHABLES[0]?.[1] ?? expect.unreachable)();
    try {
      await add("report.pdf", [heading("# Report"), text("The dividend is 1.35 euros per share.")]);
      const splits = await new SegmentRetriever({ sink, embeddings }).invoke("dividend");
      const parents = new ParentDocumentRetriever({
        vectorstore: new MemoryVectorStore(embeddings),
        docstore: new InMemoryStore<Document>(),
        childSplitter: new RecursiveCharacterTextSplitter({ chunkSize: 20, chunkOverlap: 0 }),
      });
      await parents.addDocuments(splits);
      const [found] = await parents.invoke("dividend per share");
      expect(found?.id).toBe(splits[0]?.id);
      expect(found?.metadata).toEqual(splits[0]?.metadata);
    } finally {
      await close();
    }
  });
});
