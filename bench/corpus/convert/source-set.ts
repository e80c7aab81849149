import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Random } from "../../support/random.js";
import type { CorpusQuestion } from "../sets.js";
import { parseResultOf, type SourceDocument } from "./parse-result.js";

/** A public data set as documents and questions. */
export interface SourceSet {
  documents: SourceDocument[];
  questions: CorpusQuestion[];
}

/** Draws so many questions of each kind, in an order that the seed decides. */
export const drawQuestions = (
  questions: readonly CorpusQuestion[],
  perKind: number,
  seed: number,
): CorpusQuestion[] => {
  const shuffled = [...questions];
  new Random(seed).shuffle(shuffled);
  const taken = new Map<string, number>();
  return shuffled.filter(({ kind }) => {
    const count = (taken.get(kind) ?? 0) + 1;
    taken.set(kind, count);
    return count <= perKind;
  });
};

/** Returns a text that may name a file. */
export const fileName = (text: string): string =>
  text
    .replace(/[^\p{L}\p{M}\p{N}.,'()& -]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 100);

/** Writes a set in the form that the benchmark reads, in place of what is in the directory. */
export const writeSet = async ({ documents, questions }: SourceSet, directory: string): Promise<void> => {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  for (const document of documents) {
    const file = path.join(directory, `${document.name}.json`);
    await writeFile(file, JSON.stringify(parseResultOf(document)));
  }
  await writeFile(path.join(directory, "questions.json"), JSON.stringify(questions, null, 1));
};
