import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withWrittenOut } from "../../src/retrieval/question-words.js";
import { searchSegments } from "../../src/retrieval/search.js";
import { SEARCHABLES, type Searchable } from "../support/retrieval/searchable.js";
import { text } from "../support/splitters/segments.js";

describe("abbreviations of a question", () => {
  it.each([
    ["revenue in FY2018", "2018"],
    ["revenue in fy22?", "2022"],
    ["FY 19 and FY'99", "2019 1999"],
    ["Q2FY24 revenue", "Q2 2024"],
    ["margin of 3Q19", "Q3 2019"],
    ["H1 2024 and 2H'23", "H1 2024 H2 2023"],
    ["loans above $5m", "5 million"],
    ["a fund of €3.2bn or 1.5bn", "3.2 billion 1.5 billion"],
    ["$ 10k and £1,200mm", "10 thousand 1,200 million"],
    ["FY2018 over FY2018", "2018"],
  ])("of %j stand for %j", (question, added) => {
    expect(withWrittenOut(question)).toBe(`${question} ${added}`);
  });

  it.each([
    "what is the dividend?",
    "a cable of 5m and a bolt of 8mm",
    "part FY2018B, model Q2",
    "revenue in 2018",
    "",
  ])("are none in %j", (question) => {
    expect(withWrittenOut(question)).toBe(question);
  });
});

describe.each(SEARCHABLES)("a question with abbreviations in %s", (_name, open) => {
  let under: Searchable;
  beforeAll(async () => {
    under = await open();
    await under.add("a", [text("Sales were strong in fiscal 2017.")]);
    await under.add("b", [text("Sales were strong in fiscal 2018.")]);
    await under.add("c", [text("Loans above 5 million need approval.")]);
    await under.add("d", [text("Loans above 9 million need approval.")]);
  });
  afterAll(() => under.close());

  it.each([
    ["sales in FY2018", "b"],
    ["sales in FY17", "a"],
    ["approval of loans of $5m", "c"],
  ])("finds by %j what is written out", async (question, expected) => {
    const [hit] = await searchSegments(under, question, { k: 1 });
    expect(hit?.metadata.doc_id).toBe(expected);
  });
});
