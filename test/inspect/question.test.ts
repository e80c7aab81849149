import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { QuestionAnswer, QuestionRequest } from "../../src/inspect/contract.js";
import { searchSegments } from "../../src/retrieval/search.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";
import { InspectedFiles } from "../support/inspect/inspected.js";
import { readReport } from "../support/parse-service.js";

const QUESTION = "How much usable energy did the fleet lose?";

describe("a question on the page of inspect", () => {
  let files: InspectedFiles;
  beforeAll(async () => {
    const result = await readReport();
    files = await InspectedFiles.open([
      { name: "reports/annual.pdf", result },
      { name: "reports/copy.pdf", result },
    ]);
  });
  afterAll(() => files.close());

  const ask = (request: QuestionRequest): Promise<QuestionAnswer> => files.post("question", request);
  const idsOf = ({ hits }: QuestionAnswer): string[] => hits.map(({ id }) => id);

  it("finds what a search of the package finds, and tells the place of each hit in both lists", async () => {
    const answer = await ask({ question: QUESTION, k: 8 });
    const target = { sink: files.sink, embeddings: new HashedEmbeddings() };
    const hits = await searchSegments(target, QUESTION, { k: 8 });
    expect(idsOf(answer)).toEqual(hits.map(({ id }) => id));
    expect(answer.mode).toBe("hybrid");
    const dense = await searchSegments(target, QUESTION, { k: 50, mode: "dense" });
    const words = await searchSegments(target, QUESTION, { k: 50, mode: "text" });
    for (const hit of answer.hits) {
      expect(hit.dense?.rank).toBe(dense.findIndex(({ id }) => id === hit.id) + 1 || undefined);
      expect(hit.words?.rank).toBe(words.findIndex(({ id }) => id === hit.id) + 1 || undefined);
      expect(hit.fused?.rank).toBeGreaterThan(0);
    }
    expect(answer.compared).toEqual({ dense: dense.length, words: words.length });
    expect(answer.hits[0]?.text).toContain("1.9 percent");
  });

  it("has the filters and modes of a search, and says why nothing is found", async () => {
    const filter = { docIds: ["reports/copy.pdf"], segmentTypes: ["Table"] };
    const answer = await ask({ question: QUESTION, mode: "text", k: 20, filter });
    expect(answer.hits.length).toBeGreaterThan(0);
    expect(new Set(answer.hits.map(({ doc, type }) => `${doc} ${type}`))).toEqual(
      new Set(["reports/copy.pdf Table"]),
    );
    expect(answer.hits.every(({ dense, words }) => dense === null && words !== null)).toBe(true);
    const nothing = await ask({ question: QUESTION, filter: { docIds: ["reports/copi.pdf"] } });
    expect(nothing).toMatchObject({ hits: [], notes: [expect.stringContaining("reports/copy.pdf")] });
  });

  it("shows what a hit was expanded from", async () => {
    const { hits } = await ask({ question: QUESTION, k: 2, expand: ["neighbours"] });
    const [hit] = hits;
    expect(hit?.expandedFrom).toContain(hit?.id);
    expect(hit?.text.length).toBeGreaterThan(hit?.hitText?.length ?? 0);
    expect(hit?.text).toContain(hit?.hitText);
  });

  it("is copied as a citation, a command and a program", async () => {
    const request: QuestionRequest = {
      question: "What's lost?",
      mode: "hybrid",
      denseShare: 0.7,
      filter: { pages: { from: 2, to: 3 }, docIds: ["reports/annual.pdf"] },
    };
    const { hits, command, code } = await ask(request);
    expect(hits[0]?.citation).toMatch(/^\[1\] .*annual\.pdf, page \d, box \[/);
    expect(command).toBe(
      "unsiloed-ingest search 'What'\\''s lost?' --mode hybrid --dense-share 0.7 --page 2-3 --doc reports/annual.pdf",
    );
    expect(code).toContain('searchSegments({ sink, embeddings }, "What\'s lost?", {');
    expect(code).toContain("denseShare: 0.7");
  });

  it("copies every filter into the command", async () => {
    const { command } = await ask({
      question: "lost",
      mode: "text",
      filter: {
        docIds: ["a.pdf"],
        segmentTypes: ["Table"],
        pages: { from: 4, to: 4 },
        sections: ["Operations"],
        segments: { from: 0, to: 9 },
        segmentIds: ["s1", "s2"],
        minConfidence: 0.5,
        version: "v1",
      },
    });
    expect(command).toBe(
      "unsiloed-ingest search lost --mode text --type Table --page 4 --segment 0-9 --segment-id s1 s2 --section Operations --min-confidence 0.5 --doc a.pdf --doc-version v1",
    );
  });

  it.each([
    [{ question: " " }, "question: expected a question"],
    [{ question: "a", k: 0 }, "question: k: expected"],
    [{ question: "a", fliter: {} }, "question: unknown option"],
    ["text", "question: expected"],
  ])("refuses %j", async (body, message) => {
    const answer = await files.post<{ error: { code: string; message: string } }>("question", body);
    expect(answer.error.code).toBe("INVALID_OPTION");
    expect(answer.error.message).toContain(message);
  });
});
