import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeOf } from "../../bench/retrieval/judge.js";
import { meanOf, type Scores, scoreOne } from "../../bench/retrieval/metrics.js";
import { type QuestionSet, readSet } from "../../bench/retrieval/questions.js";
import { failuresOf } from "../../bench/retrieval/report.js";
import type { SetReport } from "../../bench/retrieval/run.js";
import { holds } from "../../src/retrieval/evaluate/holds.js";
import { rowsHtml } from "../support/splitters/segments.js";

const ROOT = path.resolve(import.meta.dirname, "../..");

describe("whether a text contains words", () => {
  it.each([
    ["the margin is 0.3 percent", "0.3", true],
    ["it is 0.35", "0.3", false],
    ["it is 10.3", "0.3", false],
    ["it is 1,450.", "1,450", true],
    ["it is 11,450", "1,450", false],
    ["EBITDA", "EBIT", false],
    ["EBIT of the year", "ebit", true],
    ["42\n  cents", "42 cents", true],
    ["a \\| b", "a | b", true],
    ["$$e^{0.19 u}$$", "e^{0.19 u}", true],
    ["有效期三年零三个月。", "三年", true],
    ["为35天内", "35天", true],
    ["为135天内", "35天", false],
  ])("%j holds %j: %s", (text, words, expected) => {
    expect(holds(text, words)).toBe(expected);
  });
});

describe("judging an answer", () => {
  const setOf = (question: object, prose = "Nothing."): QuestionSet => ({
    name: "set",
    result: {
      chunks: [
        {
          segments: [
            { segment_type: "Text", content: prose, markdown: prose },
            {
              segment_type: "Table",
              content: "r1c1",
              html: rowsHtml(["Site", "Power", "Age"], 3),
              markdown: "r1c1",
            },
          ],
        },
      ],
    },
    questions: [{ question: "?", answer: ["r1c1"], row: undefined, column: undefined, ...question }],
  });
  const judge = (question: object = {}, prose?: string) => {
    const set = setOf(question, prose);
    const [first] = set.questions;
    if (!first) throw new Error("no question");
    return judgeOf(set, first);
  };
  const header = "| Site | Power | Age |\n| --- | --- | --- |";
  const row = "| r1c0 | r1c1 | r1c2 |";

  it("takes row and column from the table when the question does not name them", () => {
    const { hit, answerable } = judge();
    expect([hit(row), answerable(row)]).toEqual([true, false]);
    expect(answerable(`${header}\n${row}`)).toBe(true);
    expect(answerable(`${header}\n| r1c1 | r1c2 |`)).toBe(false);
    expect(answerable(`${header}\n| r1c0 | x |\n| r2c0 | r1c1 |`)).toBe(false);
    expect([hit("elsewhere"), answerable("elsewhere")]).toEqual([false, false]);
  });

  it("accepts a sentence, unless the question names a row or column", () => {
    const sentence = "The power is r1c1 there.";
    expect(judge({}, sentence).answerable(sentence)).toBe(true);
    const named = judge({ row: "r1c0", column: "Power" }, sentence);
    expect([named.hit(sentence), named.answerable(sentence)]).toEqual([true, false]);
  });

  it("needs only the answer when it is in prose", () => {
    const { answerable } = judge({ answer: ["Aalborg", "AAL"] }, "The centre is in Aalborg.");
    expect(answerable("in Aalborg")).toBe(true);
    expect(answerable("at AAL")).toBe(true);
  });

  it("refuses a question that the document does not answer", () => {
    expect(() => judge({ answer: ["r9c9"] })).toThrow(/set: "\?": the document holds no "r9c9"/);
    expect(() => judge({ column: "Age" })).toThrow(/column "Age"/);
    expect(() => judge({ row: "r2c0" })).toThrow(/row "r2c0"/);
  });
});

describe("the metrics", () => {
  const judge = {
    hit: (text: string) => text.includes("yes"),
    answerable: (text: string) => text === "yes!",
  };

  it("follow the rank of the first hit", () => {
    expect(scoreOne(judge, ["no", "yes", "yes!"])).toEqual({
      "hit@1": 0,
      "hit@5": 1,
      MRR: 0.5,
      "answerable@5": 1,
    });
    expect(scoreOne(judge, ["yes"])).toEqual({ "hit@1": 1, "hit@5": 1, MRR: 1, "answerable@5": 0 });
    const late = [..."123456789"].map(() => "no");
    expect(scoreOne(judge, [...late, "yes!"])).toEqual({
      "hit@1": 0,
      "hit@5": 0,
      MRR: 0.1,
      "answerable@5": 0,
    });
    expect(scoreOne(judge, [...late, "no", "yes"]).MRR).toBe(0);
    expect(meanOf([scoreOne(judge, ["yes!"]), scoreOne(judge, [])])["hit@1"]).toBe(0.5);
  });

  it("name the threshold that is missed", () => {
    const scores = (value: number): Scores => ({
      "hit@1": value,
      "hit@5": value,
      MRR: value,
      "answerable@5": value,
    });
    const report = (hybrid: Scores, stock: number): SetReport => {
      const way = (one: Scores) => ({ scores: one, outcomes: [] });
      const ways = { dense: way(hybrid), text: way(hybrid), hybrid: way(hybrid), stock: way(scores(stock)) };
      return { set: "s", questions: 1, ways };
    };
    expect(failuresOf([report(scores(1), 0.75)])).toEqual([]);
    expect(failuresOf([report({ ...scores(1), "hit@1": 0.84 }, 0.4)])).toEqual([
      "s: hybrid hit@1 is 0.840, expected at least 0.85",
    ]);
    expect(failuresOf([report({ ...scores(1), "answerable@5": 0.95 }, 0.76)])).toEqual([
      "s: hybrid answerable@5 is 0.950, expected at least 0.96",
      "mean over sets: hybrid beats stock's hit@1 by 0.240, expected at least 0.25",
    ]);
    const low = report(scores(0.7), 0);
    const own = report(scores(1), 0);
    expect(failuresOf([{ ...own, ways: { ...own.ways, dense: low.ways.dense } }])).toEqual([
      "mean over sets: dense hit@1 is 0.700, expected at least 0.75",
    ]);
    expect(failuresOf([own], [report(scores(0.45), 1), { ...report(scores(0.44), 1), set: "fr" }])).toEqual([
      "fr: dense hit@5 is 0.440, expected at least 0.45",
    ]);
  });
});

describe("the benchmark", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-bench-test-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const run = (args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const command = ["--import", "tsx", path.join(ROOT, "bench/retrieval/main.ts"), ...args];
      execFile(process.execPath, command, { cwd: ROOT }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr }),
      );
    });
  const setOf = async (name: string, questions: object[]): Promise<string[]> => {
    const result = path.join(directory, `${name}.json`);
    const file = path.join(directory, `${name}.questions.json`);
    const prose = ["The head office is in Aalborg.", "Penguins live on the ice.", "A train leaves at noon."];
    const segments = prose.map((content) => ({ segment_type: "Text", content, page_number: 1 }));
    await writeFile(result, JSON.stringify({ status: "Succeeded", chunks: [{ chunk_id: "c", segments }] }));
    await writeFile(file, JSON.stringify(questions));
    return ["--set", result, file];
  };

  it("reads several sets by path, and exits with 1 when a threshold is missed", async () => {
    const found = await setOf("found", [
      { question: "In which town is the head office?", answer: "Aalborg" },
    ]);
    const other = await setOf("other", [{ question: "Where do penguins live?", answer: ["sea", "ice"] }]);
    const { code, stdout, stderr } = await run(["--only", "--check", "--json", ...found, ...other]);
    const { reports } = JSON.parse(stdout);
    expect(reports.map(({ set }: SetReport) => set)).toEqual(["found", "other"]);
    for (const { ways } of reports) expect(ways.hybrid.scores["answerable@5"]).toBe(1);
    expect(code).toBe(1);
    expect(stderr).toBe(
      [
        "missed: mean over sets: hybrid beats stock's hit@1 by 0.000, expected at least 0.25\n",
        "missed: mean over sets: hybrid beats stock's answerable@5 by 0.000, expected at least 0.12\n",
      ].join(""),
    );
  });

  it("prints a table", async () => {
    const found = await setOf("found", [
      { question: "In which town is the head office?", answer: "Aalborg" },
    ]);
    const { code, stdout } = await run(["--only", ...found]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^set \(questions\) +search +hit@1 +hit@5 +MRR answerable@5\nfound \(1\) +dense +1\.000/,
    );
    expect(stdout.trim().split("\n")).toHaveLength(9);
  });

  it("refuses a file that is not a set, and names it", async () => {
    const [, result = "", questions = ""] = await setOf("bad", [{ question: "?" }]);
    await expect(readSet(result, questions)).rejects.toThrow(/bad\.questions\.json: .*answer/s);
    await expect(readSet(questions, questions)).rejects.toThrow(/bad\.questions\.json/);
    expect((await run(["--only", "--set", result])).code).not.toBe(0);
  });
});
