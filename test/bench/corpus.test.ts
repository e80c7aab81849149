import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failuresOf } from "../../bench/corpus/check.js";
import { parseResultOf } from "../../bench/corpus/convert/parse-result.js";
import { type JudgedHit, scoreOne } from "../../bench/corpus/metrics.js";
import { formatDifferences, formatFigures, formatKinds } from "../../bench/corpus/report.js";
import type { SetReport } from "../../bench/corpus/run.js";
import { type CorpusQuestion, findSet, listSets } from "../../bench/corpus/sets.js";
import { stockSplits } from "../../bench/corpus/stock.js";
import { Random } from "../../bench/support/random.js";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { estimate } from "../../src/retrieval/evaluate/statistics.js";

const ROOT = path.resolve(import.meta.dirname, "../..");
const SEED = 7;

const questionOf = (change: Partial<CorpusQuestion> = {}): CorpusQuestion => ({
  question: "?",
  kind: "all",
  gold: [{ document: "a", segments: [2, 3] }],
  answers: [],
  ...change,
});

const hitOf = (document: string, segments: number[], content = ""): JudgedHit => ({
  document,
  segments,
  content,
  score: 1,
});

describe("the score of a question", () => {
  const other = hitOf("b", [2]);

  it("counts a hit only in the right document and with a segment of the evidence", () => {
    expect(scoreOne(questionOf(), [other, hitOf("a", [1]), hitOf("a", [3, 4])])).toEqual({
      "document@5": 1,
      "hit@1": 0,
      "hit@5": 1,
      "hit@10": 1,
      MRR: 1 / 3,
      "answerable@5": undefined,
      "cell@5": undefined,
    });
    expect(scoreOne(questionOf(), [other])).toMatchObject({ "document@5": 0, "hit@10": 0, MRR: 0 });
    expect(scoreOne(questionOf(), [hitOf("a", [2])])).toMatchObject({ "hit@1": 1, MRR: 1 });
  });

  it("looks at the first ten hits and no further", () => {
    const late = (rank: number) => [...Array.from({ length: rank - 1 }, () => other), hitOf("a", [2])];
    expect(scoreOne(questionOf(), late(6))).toMatchObject({ "document@5": 0, "hit@5": 0, "hit@10": 1 });
    expect(scoreOne(questionOf(), late(10)).MRR).toBe(0.1);
    expect(scoreOne(questionOf(), late(11))).toMatchObject({ "hit@10": 0, MRR: 0 });
  });

  it("asks for the words of the answer, in the evidence and not elsewhere", () => {
    const question = questionOf({ answers: ["12 %", "twelve percent"] });
    const answerable = (hit: JudgedHit) => scoreOne(question, [hit])["answerable@5"];
    expect(answerable(hitOf("a", [2], "It was 12 % then."))).toBe(1);
    expect(answerable(hitOf("a", [2], "It was 112 % then."))).toBe(0);
    expect(answerable(hitOf("a", [1], "It was 12 % then."))).toBe(0);
  });

  it("asks for the key of the row on the line of the cell, and for every name of the column", () => {
    const cell = { row: "Royalties", cols: ["2019", "€m"], value: "163" };
    const answerable = (content: string) =>
      scoreOne(questionOf({ answers: ["163"], cell }), [hitOf("a", [2], content)])["cell@5"];
    const header = "| | 2019 |\n| --- | --- |\n| | €m |";
    expect(answerable(`${header}\n| Royalties | 163 |`)).toBe(1);
    expect(answerable(`${header}\n| Royalties | 9 |\n| Fees | 163 |`)).toBe(0);
    expect(answerable("| Royalties | 163 |\n€m")).toBe(0);
  });
});

describe(`intervals by bootstrap, seed ${SEED}`, () => {
  const values = Array.from({ length: 200 }, (_, at) => (at % 4 === 0 ? 1 : 0));

  it("hold the mean, as wide as theory says", () => {
    const { mean, low, high } = estimate([values], SEED);
    const halfWidth = 1.96 * Math.sqrt((0.25 * 0.75) / 200);
    expect(mean).toBe(0.25);
    expect(low).toBeCloseTo(0.25 - halfWidth, 1);
    expect(high).toBeCloseTo(0.25 + halfWidth, 1);
    expect(estimate([values], SEED)).toEqual({ mean, low, high });
  });

  it("have no width where all questions agree", () => {
    expect(estimate([[1, 1, 1]], SEED)).toEqual({ mean: 1, low: 1, high: 1 });
  });

  it("weigh sets equally, not by their questions", () => {
    expect(estimate([[1], Array.from({ length: 99 }, () => 0)], SEED).mean).toBe(0.5);
  });
});

describe("the pieces of the stock splitter", () => {
  it("name every segment whose words they hold, and no other", async () => {
    const random = new Random(SEED);
    const chunks = Array.from({ length: 3 }, (_, chunk) => ({
      segments: Array.from({ length: 12 }, (_, at) => {
        const words = Array.from({ length: random.between(1, 90) }, () => `w${chunk}x${at}`);
        const lines = random.chance(0.3) ? "\n" : " ";
        return { content: null, markdown: words.join(random.chance(0.3) ? "\n\n" : lines) };
      }),
    }));
    const splits = await stockSplits({ chunks });
    expect(splits.length).toBeGreaterThan(10);
    for (const { content, segments } of splits) {
      const held = [...content.matchAll(/w(\d+)x(\d+)/g)].map(
        ([, chunk, at]) => Number(chunk) * 12 + Number(at),
      );
      expect(segments).toEqual([...new Set(held)]);
    }
  });
});

const reportOf = (set: string, hits: Record<string, number[]>): SetReport => ({
  set,
  counts: { own: 1, stock: 1 },
  ways: new Map(
    Object.entries(hits).map(([way, values]) => [
      way,
      values.map((hit) => ({
        question: questionOf(),
        hits: [],
        scores: {
          "document@5": hit,
          "hit@1": hit,
          "hit@5": hit,
          "hit@10": hit,
          MRR: hit,
          "answerable@5": hit,
          "cell@5": hit,
        },
      })),
    ]),
  ),
});

describe("the check", () => {
  const many = (share: number) => Array.from({ length: 100 }, (_, at) => (at < share * 100 ? 1 : 0));
  const set = (name: string, shares: Record<string, number>) =>
    reportOf(name, Object.fromEntries(Object.entries(shares).map(([way, share]) => [way, many(share)])));
  const good = { text: 0.9, dense: 0.5, hybrid: 0.9, "stock text": 0.7, "stock hybrid": 0.7 };
  const three = (change: Partial<typeof good> = {}) => [
    set("tat-qa", { ...good, ...change }),
    set("papers", good),
    set("manuals", good),
  ];

  it("passes where everything holds", () => {
    expect(failuresOf(three(), SEED)).toEqual([]);
  });

  it("tolerates a hundredth below text search, and nothing below dense search", () => {
    expect(failuresOf(three({ text: 0.91 }), SEED)).toEqual([]);
    expect(failuresOf(three({ text: 0.92 }), SEED)).toEqual(["tat-qa: hit@5 of hybrid 0.900, of text 0.920"]);
    expect(failuresOf(three({ dense: 0.91 }), SEED)).toEqual([
      "tat-qa: hit@5 of hybrid 0.900, of dense 0.910",
    ]);
  });

  it("names targets that are missed, sets that are missing and a lead that may be chance", () => {
    const low = { text: 0.4, dense: 0.4, hybrid: 0.4, "stock text": 0.4, "stock hybrid": 0.4 };
    expect(failuresOf(three(low), SEED)).toEqual([
      "tat-qa: hit@1 0.400, expected at least 0.5",
      "tat-qa: hit@5 0.400, expected at least 0.75",
      "tat-qa: cell@5 0.400, expected at least 0.88",
    ]);
    expect(failuresOf([set("papers", { ...good, "stock hybrid": 0.9 })], SEED)).toEqual([
      "1 sets were measured; expected at least 3",
      "tat-qa was not measured",
      "lead over the stock splitter in hit@5, mean over sets: 0.000, interval from 0.000, expected above 0",
    ]);
  });
});

describe("the tables", () => {
  it("show each way, differences of the same questions and the mean over sets", () => {
    const reports = [
      reportOf("a", { text: [1, 0], hybrid: [1, 1] }),
      reportOf("b", { text: [1, 1], hybrid: [1, 1] }),
    ];
    const figures = formatFigures(reports, SEED);
    expect(figures).toContain("| a | text | 2 | 0.50 (0.00 to 1.00) |");
    expect(figures).toContain("| mean over sets | hybrid | 4 | 1.00 (1.00 to 1.00) |");
    const differences = formatDifferences(reports, SEED);
    expect(differences).toContain("| b | hybrid − text | +0.000 (+0.000 to +0.000) |");
    expect(differences).toContain("| mean over sets | hybrid − text | +0.250 (+0.000 to +0.500) |");
    expect(differences).not.toContain("stock");
    expect(formatKinds(reports)).toContain("| a | all | 2 | 0.50 | 1.00 |");
  });
});

describe("sets on disk", () => {
  let scratch: string;
  beforeAll(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), "unsiloed-corpus-test-"));
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  const heading = { type: "SectionHeader", text: "Fees & terms" } as const;
  const documents = [
    { name: "lease", blocks: [heading, { type: "Text", text: "The deposit is 400 euros." } as const] },
    { name: "loan", blocks: [heading, { type: "Text", text: "The rate is 4 percent." } as const] },
  ];
  const write = async (directory: string, questions: unknown): Promise<void> => {
    await mkdir(directory, { recursive: true });
    for (const document of documents)
      await writeFile(path.join(directory, `${document.name}.json`), JSON.stringify(parseResultOf(document)));
    await writeFile(path.join(directory, "questions.json"), JSON.stringify(questions));
  };
  const questions = [
    {
      question: "How high is the deposit?",
      gold: [{ document: "lease", segments: [1] }],
      answers: ["400 euros"],
    },
  ];

  it("are found as folders and as archives, and reported as absent otherwise", async () => {
    const data = path.join(scratch, "data");
    await write(path.join(data, "folder"), questions);
    await write(path.join(scratch, "archive"), questions);
    await promisify(execFile)("tar", ["-czf", path.join(data, "archive.tgz"), "-C", scratch, "archive"]);
    expect(await listSets([data])).toEqual(["archive", "folder"]);
    for (const name of ["folder", "archive"]) {
      const found = await findSet(
        name,
        [path.join(scratch, "archive"), data],
        path.join(scratch, "unpacked"),
      );
      expect(found?.files.map((file) => path.basename(file))).toEqual(["lease.json", "loan.json"]);
      expect(found?.questions).toEqual([{ ...questions[0], kind: "all", cell: undefined }]);
    }
    expect(await findSet("elsewhere", [data], scratch)).toBeUndefined();
  });

  it("are refused when they name a document that is not there", async () => {
    const data = path.join(scratch, "wrong");
    await write(path.join(data, "set"), [{ question: "?", gold: [{ document: "x", segments: [0] }] }]);
    await expect(findSet("set", [data], scratch)).rejects.toThrow(/questions\.json: "\?": no x\.json in/);
  });

  it("hold results that are read as Documents, their segments numbered as the questions do", async () => {
    const [lease] = documents;
    if (!lease) throw new Error("no document");
    const loaded = await new UnsiloedResultLoader({ ...parseResultOf(lease) }).load();
    expect(loaded.map(({ metadata }) => [metadata.segment_index, metadata.segment_type])).toEqual([
      [0, "SectionHeader"],
      [1, "Text"],
    ]);
    expect(loaded[1]?.metadata.section_path).toEqual(["Fees & terms"]);
    expect(loaded[1]?.pageContent).toBe("The deposit is 400 euros.");
  });

  it("are measured by the command, which writes what was found", async () => {
    const data = path.join(scratch, "measured");
    await write(path.join(data, "terms"), questions);
    const outcomes = path.join(scratch, "outcomes.jsonl");
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "bench/corpus/main.ts"].concat(
        ["--data", data, "--sets", "terms", "absent", "--model", "none"],
        ["--outcomes", outcomes],
      ),
      { cwd: ROOT },
    );
    expect(stdout).toContain("terms: 2 documents, 2 splits, 2 of the stock splitter");
    expect(stdout).toContain("skipped absent: not in");
    expect(stdout).toMatch(/\| terms \| text \| 1 \| 1\.00 .* \| 1\.00 \(1\.00 to 1\.00\) \| {2}\|\n/);
    const lines = (await readFile(outcomes, "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).way)).toEqual(["text", "stock text"]);
  });
});
