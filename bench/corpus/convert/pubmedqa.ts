import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { Block } from "./parse-result.js";
import { drawQuestions, type SourceSet } from "./source-set.js";

const abstractsSchema = z.record(
  z.string(),
  z.object({
    QUESTION: z.string(),
    CONTEXTS: z.array(z.string()),
    LABELS: z.array(z.string()),
    LONG_ANSWER: z.string(),
  }),
);

const COUNT = 300;

/**
 * Reads PubMedQA: each abstract is a document, with a heading for each section. Its title is the question, so the
 * document goes without it, and its conclusion is the evidence.
 */
export const readPubMedQa = async (checkout: string, seed: number): Promise<SourceSet> => {
  const file = path.join(checkout, "data/ori_pqal.json");
  const abstracts = Object.entries(abstractsSchema.parse(JSON.parse(await readFile(file, "utf8"))));
  const read = abstracts.map(([id, { QUESTION, CONTEXTS, LABELS, LONG_ANSWER }]) => {
    const name = `pubmed ${id}`;
    const blocks = CONTEXTS.flatMap((text, at): Block[] => [
      { type: "SectionHeader", text: LABELS[at] ?? "ABSTRACT" },
      { type: "Text", text },
    ]);
    blocks.push({ type: "SectionHeader", text: "CONCLUSIONS" }, { type: "Text", text: LONG_ANSWER });
    const gold = [{ document: name, segments: [blocks.length - 1] }];
    const question = { question: QUESTION, kind: "conclusion", gold, answers: [LONG_ANSWER] };
    return { document: { name, blocks }, question };
  });
  return {
    documents: read.map(({ document }) => document),
    questions: drawQuestions(
      read.map(({ question }) => question),
      COUNT,
      seed,
    ),
  };
};
