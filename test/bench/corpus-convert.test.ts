import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLegalQuad } from "../../bench/corpus/convert/legalquad.js";
import { readMedQuad } from "../../bench/corpus/convert/medquad.js";
import type { SourceDocument } from "../../bench/corpus/convert/parse-result.js";
import { readPubMedQa } from "../../bench/corpus/convert/pubmedqa.js";
import { drawQuestions, fileName, type SourceSet, writeSet } from "../../bench/corpus/convert/source-set.js";
import { readXquad } from "../../bench/corpus/convert/xquad.js";
import { findSet } from "../../bench/corpus/sets.js";

const SEED = 7;

let checkout: string;
beforeAll(async () => {
  checkout = await mkdtemp(path.join(tmpdir(), "unsiloed-convert-"));
});
afterAll(() => rm(checkout, { recursive: true, force: true }));

const put = async (file: string, content: string): Promise<void> => {
  await mkdir(path.dirname(path.join(checkout, file)), { recursive: true });
  await writeFile(path.join(checkout, file), content);
};

/** Returns the texts that a question names as evidence. */
const evidenceOf = ({ documents, questions }: SourceSet, question: string): string[] => {
  const byName = new Map(documents.map((document): [string, SourceDocument] => [document.name, document]));
  const gold = questions.find((one) => one.question === question)?.gold ?? [];
  return gold.flatMap(({ document, segments }) =>
    segments.map((at) => byName.get(document)?.blocks[at]?.text ?? "absent"),
  );
};

describe("reading public data sets", () => {
  it("takes the conclusion of an abstract as evidence, and its title as the question only", async () => {
    const abstract = {
      QUESTION: "Does rest help?",
      CONTEXTS: ["We asked.", "Ten rested."],
      LABELS: ["AIM", "RESULTS"],
      LONG_ANSWER: "Rest helps.",
    };
    await put("data/ori_pqal.json", JSON.stringify({ 12: abstract }));
    const set = await readPubMedQa(checkout, SEED);
    expect(evidenceOf(set, "Does rest help?")).toEqual(["Rest helps."]);
    expect(set.documents[0]?.blocks.map(({ text }) => text)).toEqual([
      "AIM",
      "We asked.",
      "RESULTS",
      "Ten rested.",
      "CONCLUSIONS",
      "Rest helps.",
    ]);
  });

  it("takes all paragraphs of an answer in a leaflet, of several answers to one question", async () => {
    const pair = (kind: string, question: string, answer: string) =>
      `<QAPair><Question qtype="${kind}">${question}</Question><Answer>${answer}</Answer></QAPair>`;
    const leaflet = (focus: string, pairs: string) =>
      `<?xml version="1.0"?><Document><Focus>${focus}</Focus><QAPairs>${pairs}</QAPairs></Document>`;
    const about = "What are the symptoms of Gout ?";
    await put(
      "5_NIDDK_QA/1.xml",
      leaflet("Gout", pair("symptoms", about, "Pain.\n\n  Red\n joints.") + pair("symptoms", about, "Heat.")),
    );
    await put("5_NIDDK_QA/2.xml", leaflet("Gout", pair("symptoms", about, "Swelling.")));
    await put("6_NINDS_QA/1.xml", leaflet("Empty", pair("symptoms", "What is it ?", " ")));
    await put("9_CDC_QA/1.xml", leaflet("Fifth &amp; Sixth", pair("causes", "What causes it ?", "A virus.")));
    const set = await readMedQuad(checkout, SEED);
    expect(set.documents.map(({ name }) => name)).toEqual(["Gout", "Gout 2", "Fifth & Sixth"]);
    expect(evidenceOf(set, "What are the symptoms of Gout?")).toEqual([
      "Pain.",
      "Red joints.",
      "Heat.",
      "Swelling.",
    ]);
    expect(set.documents[0]?.blocks.map(({ type }) => type)).toEqual([
      "Title",
      "SectionHeader",
      "Text",
      "Text",
      "Text",
    ]);
  });

  it("cuts a judgment at its headings and margin numbers, and finds the paragraph of an answer", async () => {
    const context =
      "TenorDie Klage wird abgewiesen.Tatbestand1Der Kläger ist Polizist.2Er arbeitet 12 Stunden.Gründe3Die Klage ist unbegründet.";
    const answer = { text: "12 Stunden", answer_start: context.indexOf("12 Stunden") };
    const qas = [{ question: "Wie lange?", answers: [answer] }];
    await put(
      "data/LegalQuAD.json",
      JSON.stringify({ data: [{ paragraphs: [{ context, document_id: 5, qas }] }] }),
    );
    const set = await readLegalQuad(checkout);
    expect(set.documents[0]?.blocks.map(({ text }) => text)).toEqual([
      "Tenor",
      "Die Klage wird abgewiesen.",
      "Tatbestand",
      "1Der Kläger ist Polizist.",
      "2Er arbeitet 12 Stunden.",
      "Gründe",
      "3Die Klage ist unbegründet.",
    ]);
    expect(evidenceOf(set, "Wie lange?")).toEqual(["2Er arbeitet 12 Stunden."]);
  });

  it("takes a passage as evidence in every language, and asks in four", async () => {
    for (const language of ["en", "de", "es", "zh", "ar", "el", "hi", "ro", "ru", "th", "tr", "vi"]) {
      const paragraphs = ["first", "second"].map((which) => ({
        context: `${which} ${language}`,
        qas: [{ question: `${which} in ${language}?`, answers: [{ text: which }] }],
      }));
      await put(`xquad.${language}.json`, JSON.stringify({ data: [{ title: "The_River", paragraphs }] }));
    }
    const set = await readXquad(checkout, SEED);
    expect(set.documents).toHaveLength(12);
    expect(set.questions.map(({ kind }) => kind).sort()).toEqual([
      "de",
      "de",
      "en",
      "en",
      "es",
      "es",
      "zh",
      "zh",
    ]);
    expect(evidenceOf(set, "second in de?")).toContain("second de");
    expect(evidenceOf(set, "second in de?")).toContain("second en");
    expect(evidenceOf(set, "second in de?")).toHaveLength(12);
  });
});

describe("writing a set", () => {
  it("replaces what was there by what the benchmark reads", async () => {
    const directory = path.join(checkout, "written/set");
    await put("written/set/old.json", "{}");
    const questions = [
      {
        question: "Whose?",
        kind: "who",
        gold: [{ document: "deed", segments: [0] }],
        answers: ["hers"],
        cell: undefined,
      },
    ];
    await writeSet(
      { documents: [{ name: "deed", blocks: [{ type: "ListItem", text: "It is hers <now>." }] }], questions },
      directory,
    );
    const found = await findSet("set", [path.dirname(directory)], path.join(checkout, "unused"));
    expect(found?.files.map((file) => path.basename(file))).toEqual(["deed.json"]);
    expect(found?.questions).toEqual(questions);
    const result = JSON.parse(await readFile(path.join(directory, "deed.json"), "utf8"));
    expect(result.chunks[0].segments[0]).toMatchObject({
      segment_type: "ListItem",
      content: "It is hers <now>.",
      markdown: "- It is hers <now>.",
      html: "<ul><li>It is hers &lt;now&gt;.</li></ul>",
      page_number: 1,
    });
  });

  it("draws so many questions of each kind, the same for the same seed", () => {
    const questions = Array.from({ length: 40 }, (_, at) => ({
      question: String(at),
      kind: at % 4 === 0 ? "rare" : "common",
      gold: [],
      answers: [],
    }));
    const drawn = drawQuestions(questions, 8, SEED);
    expect(drawn.filter(({ kind }) => kind === "rare")).toHaveLength(8);
    expect(drawn).toHaveLength(16);
    expect(drawQuestions(questions, 8, SEED)).toEqual(drawn);
    expect(drawQuestions(questions, 8, SEED + 1)).not.toEqual(drawn);
  });

  it("names files without what a file system refuses", () => {
    expect(fileName("Prevent: heart/vessels?  now")).toBe("Prevent heart vessels now");
    expect(fileName("Öl & 水 (2)")).toBe("Öl & 水 (2)");
  });
});
