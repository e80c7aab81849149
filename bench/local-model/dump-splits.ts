// Writes the texts that are embedded of documents, and the splits that answer questions, for train.py to measure itself:
// npx tsx bench/local-model/dump-splits.ts OUT.json (DIRECTORY | DOCUMENT QUESTIONS.json)…
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { embeddingText } from "../../src/documents/embedding-text.js";
import type { SplitDocument } from "../../src/documents/metadata.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { judgeOf } from "../retrieval/judge.js";
import { readSet } from "../retrieval/questions.js";

/** Splits in one collection, and questions with the positions of the splits that answer them. */
interface Collection {
  name: string;
  splits: string[];
  questions: { text: string; answers: number[] }[];
}

const evidenceSchema = z.array(
  z.looseObject({
    question: z.string(),
    gold: z.array(z.looseObject({ document: z.string(), segments: z.array(z.number()) })),
  }),
);

const splitsOf = async (result: string | Record<string, unknown>, docId: string) => {
  const loader = new UnsiloedResultLoader(result, { docId });
  return new SegmentSplitter().transformDocuments(await loader.load());
};

/** Reads results named `DOCUMENT.json` and a `questions.json` that names documents and segments as evidence. */
const readCollection = async (directory: string): Promise<Collection> => {
  const asked = evidenceSchema.parse(
    JSON.parse(await readFile(path.join(directory, "questions.json"), "utf8")),
  );
  const files = (await readdir(directory)).filter(
    (file) => /\.json$/.test(file) && file !== "questions.json",
  );
  const splits: SplitDocument[] = [];
  for (const file of files.sort()) {
    splits.push(...(await splitsOf(path.join(directory, file), path.basename(file, ".json"))));
  }
  return {
    name: path.basename(directory),
    splits: splits.map(embeddingText),
    questions: asked.map(({ question, gold }) => ({
      text: question,
      answers: splits.flatMap(({ metadata }, at) =>
        gold.some(
          ({ document, segments }) =>
            document === metadata.doc_id &&
            metadata.segment_indices.some((index) => segments.includes(index)),
        )
          ? [at]
          : [],
      ),
    })),
  };
};

/** Reads one document of the retrieval benchmark, whose questions name words of the answer. */
const readDocument = async (document: string, questions: string): Promise<Collection> => {
  const set = await readSet(document, questions);
  const splits = await splitsOf({ ...set.result, status: "Succeeded" }, set.name);
  return {
    name: set.name,
    splits: splits.map(embeddingText),
    questions: set.questions.map((question) => {
      const { hit } = judgeOf(set, question);
      return {
        text: question.question,
        answers: splits.flatMap(({ pageContent }, at) => (hit(pageContent) ? [at] : [])),
      };
    }),
  };
};

const [out, ...sources] = process.argv.slice(2);
if (!out || sources.length === 0) {
  throw new Error("expected OUT.json, then directories or pairs of a document and its questions");
}
const collections: Collection[] = [];
while (sources.length > 0) {
  const source = sources.shift() ?? "";
  const isDocument = /\.(?:md|json)$/.test(source);
  collections.push(await (isDocument ? readDocument(source, sources.shift() ?? "") : readCollection(source)));
}
await writeFile(out, JSON.stringify(collections));
for (const { name, splits, questions } of collections) {
  const answered = questions.filter(({ answers }) => answers.length > 0).length;
  console.log(`${name}: ${splits.length} splits, ${questions.length} questions, ${answered} with an answer`);
}
