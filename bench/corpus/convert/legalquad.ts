import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { CorpusQuestion } from "../sets.js";
import type { Block } from "./parse-result.js";
import type { SourceSet } from "./source-set.js";

const judgmentsSchema = z.object({
  data: z.array(
    z.object({
      paragraphs: z.array(
        z.object({
          context: z.string(),
          document_id: z.number(),
          qas: z.array(
            z.object({
              question: z.string(),
              answers: z.array(z.object({ text: z.string(), answer_start: z.number() })).min(1),
            }),
          ),
        }),
      ),
    }),
  ),
});

const HEADING = /(?:Tenor|Tatbestand|Entscheidungsgründe|Gründe)(?=\d|[A-ZÄÖÜ])/g;

/** Paragraphs without margin numbers are cut at sentence ends, so that evidence is a passage and not a whole judgment. */
const LONGEST = 1_200;

/** Finds where paragraphs begin: at margin numbers, which the data set has run into the text, each one more than the last. */
const marginStarts = (text: string): number[] => {
  const starts: number[] = [];
  let at = 0;
  for (let number = 1; ; number++) {
    const next = new RegExp(`(?<=[^\\s\\d])${number}(?=[A-ZÄÖÜ(„]|[IVX]+\\.|\\d+\\.)`, "g");
    next.lastIndex = at;
    const found = next.exec(text);
    if (!found) return starts;
    starts.push(found.index);
    at = found.index + 1;
  }
};

/** Finds sentence ends near which a paragraph that is too long is cut. */
const sentenceStarts = (text: string, from: number, to: number): number[] => {
  const starts: number[] = [];
  let last = from;
  for (const { index } of text.slice(from, to).matchAll(/(?<=[a-zäöüß)]{2}\.) (?=[A-ZÄÖÜ])/g)) {
    if (from + index - last < LONGEST) continue;
    last = from + index + 1;
    starts.push(last);
  }
  return starts;
};

/** Divides a judgment into headings and paragraphs, each with its range in the text. */
const rangesOf = (text: string): { start: number; end: number; isHeading: boolean }[] => {
  const headings = [...text.matchAll(HEADING)].map(({ 0: word, index }) => ({
    index,
    end: index + word.length,
  }));
  const ends = new Set(headings.map(({ end }) => end));
  const starts = [
    ...new Set([0, ...headings.flatMap(({ index, end }) => [index, end]), ...marginStarts(text)]),
  ];
  const coarse = starts.sort((a, b) => a - b);
  const all = coarse.flatMap((start, at) => [
    start,
    ...sentenceStarts(text, start, coarse[at + 1] ?? text.length),
  ]);
  return all.map((start, at) => {
    const end = all[at + 1] ?? text.length;
    return { start, end, isHeading: ends.has(end) && headings.some(({ index }) => index === start) };
  });
};

/** Reads LegalQuAD: each German court decision is a document, its paragraphs cut at the margin numbers. */
export const readLegalQuad = async (checkout: string): Promise<SourceSet> => {
  const file = path.join(checkout, "data/LegalQuAD.json");
  const { data } = judgmentsSchema.parse(JSON.parse(await readFile(file, "utf8")));
  const set: SourceSet = { documents: [], questions: [] };
  for (const { context, document_id, qas } of data.flatMap(({ paragraphs }) => paragraphs)) {
    const name = `entscheidung ${document_id}`;
    const ranges = rangesOf(context).filter(({ start, end }) => context.slice(start, end).trim() !== "");
    const blocks = ranges.map(
      ({ start, end, isHeading }): Block => ({
        type: isHeading ? "SectionHeader" : "Text",
        text: context.slice(start, end).trim(),
      }),
    );
    set.documents.push({ name, blocks });
    for (const { question, answers } of qas) {
      const segments = answers.flatMap(({ text, answer_start }) =>
        ranges.flatMap(({ start, end }, index) =>
          start < answer_start + text.length && end > answer_start ? [index] : [],
        ),
      );
      const asked: CorpusQuestion = {
        question,
        kind: "de",
        gold: [{ document: name, segments }],
        answers: answers.map(({ text }) => text.trim()),
      };
      set.questions.push(asked);
    }
  }
  return set;
};
