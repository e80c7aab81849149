import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { CorpusQuestion } from "../sets.js";
import type { SourceDocument } from "./parse-result.js";
import { drawQuestions, type SourceSet } from "./source-set.js";

const articlesSchema = z.object({
  data: z.array(
    z.object({
      title: z.string(),
      paragraphs: z.array(
        z.object({
          context: z.string(),
          qas: z.array(
            z.object({ question: z.string(), answers: z.array(z.object({ text: z.string() })).min(1) }),
          ),
        }),
      ),
    }),
  ),
});

const LANGUAGES = ["en", "de", "es", "zh", "ar", "el", "hi", "ro", "ru", "th", "tr", "vi"];
const ASKED = new Set(["en", "de", "es", "zh"]);
const PER_LANGUAGE = 75;

const nameOf = (title: string, language: string): string => `${title.replaceAll("_", " ")} (${language})`;

/**
 * Reads XQuAD: the same passages of Wikipedia in twelve languages, all in one collection, with questions in four of them.
 * A passage is evidence in each language; the words of the answer are those of the language of the question.
 */
export const readXquad = async (checkout: string, seed: number): Promise<SourceSet> => {
  const documents: SourceDocument[] = [];
  const questions: CorpusQuestion[] = [];
  for (const language of LANGUAGES) {
    const file = path.join(checkout, `xquad.${language}.json`);
    const { data } = articlesSchema.parse(JSON.parse(await readFile(file, "utf8")));
    for (const { title, paragraphs } of data) {
      documents.push({
        name: nameOf(title, language),
        blocks: paragraphs.map(({ context }) => ({ type: "Text", text: context })),
      });
      if (!ASKED.has(language)) continue;
      for (const [index, { qas }] of paragraphs.entries()) {
        const gold = LANGUAGES.map((each) => ({ document: nameOf(title, each), segments: [index] }));
        for (const { question, answers } of qas)
          questions.push({ question, kind: language, gold, answers: answers.map(({ text }) => text) });
      }
    }
  }
  return { documents, questions: drawQuestions(questions, PER_LANGUAGE, seed) };
};
