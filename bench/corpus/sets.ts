import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const text = z.string().min(1);

const questionSchema = z.object({
  question: text,
  kind: z.string().default("all"),
  gold: z
    .array(z.object({ document: text, segments: z.array(z.number().int().nonnegative()).min(1) }))
    .min(1),
  answers: z.array(text).default([]),
  cell: z
    .object({ row: z.string(), cols: z.array(z.string()), value: text })
    .nullish()
    .transform((cell) => cell ?? undefined),
});

/** A question to a collection, with the places that answer it. */
export interface CorpusQuestion {
  question: string;
  /** A kind of question or a language, by which figures may be listed. */
  kind: string;
  /** Each document with evidence, by the name of its file without `.json`, and the segments that hold it, from 0. */
  gold: { document: string; segments: number[] }[];
  /** The words of the answer where the document says them, one of several ways; empty where it must be computed. */
  answers: string[];
  /** The table cell that holds the answer: first cell of its row, names above its column, text. */
  cell?: { row: string; cols: string[]; value: string } | undefined;
}

/** A folder of parse results that are searched as one collection, and the questions to it. */
export interface CorpusSet {
  name: string;
  directory: string;
  /** Paths of the parse results. */
  files: string[];
  questions: CorpusQuestion[];
}

const QUESTIONS = "questions.json";

const isThere = async (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

const readSet = async (name: string, directory: string): Promise<CorpusSet> => {
  const file = path.join(directory, QUESTIONS);
  const questions = z
    .array(questionSchema)
    .min(1)
    .safeParse(JSON.parse(await readFile(file, "utf8")));
  if (!questions.success) throw new Error(`${file}: ${z.prettifyError(questions.error)}`);
  const names = (await readdir(directory)).filter((entry) => entry.endsWith(".json") && entry !== QUESTIONS);
  const files = names.sort().map((entry) => path.join(directory, entry));
  const known = new Set(names);
  for (const { question, gold } of questions.data)
    for (const { document } of gold)
      if (!known.has(`${document}.json`))
        throw new Error(`${file}: "${question}": no ${document}.json in ${directory}`);
  return { name, directory, files, questions: questions.data };
};

/**
 * Finds a set in one of the data directories: as the folder `NAME`, or as the archive `NAME.tgz` of such a folder, which
 * is unpacked into `scratch`.
 *
 * @returns `undefined` when no directory has it
 */
export const findSet = async (
  name: string,
  directories: readonly string[],
  scratch: string,
): Promise<CorpusSet | undefined> => {
  for (const directory of directories) {
    const folder = path.join(directory, name);
    if (await isThere(path.join(folder, QUESTIONS))) return readSet(name, folder);
    const archive = `${folder}.tgz`;
    if (!(await isThere(archive))) continue;
    await mkdir(scratch, { recursive: true });
    await promisify(execFile)("tar", ["-xzf", archive, "-C", scratch]);
    return readSet(name, path.join(scratch, name));
  }
  return undefined;
};

/** Lists the names of all sets in the data directories. */
export const listSets = async (directories: readonly string[]): Promise<string[]> => {
  const names = new Set<string>();
  for (const directory of directories) {
    for (const entry of await readdir(directory)) {
      if (entry.endsWith(".tgz")) names.add(entry.slice(0, -".tgz".length));
      else if (await isThere(path.join(directory, entry, QUESTIONS))) names.add(entry);
    }
  }
  return [...names].sort();
};
