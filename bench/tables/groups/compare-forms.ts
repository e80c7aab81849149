import { randomUUID } from "node:crypto";
import type { SplitDocument } from "../../../src/documents/metadata.js";
import { StaticEmbeddings } from "../../../src/embeddings/local/static-embeddings.js";
import { searchSegments } from "../../../src/retrieval/search.js";
import type { SearchMode } from "../../../src/retrieval/search-choices.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import type { SearchHit, VectorSink } from "../../../src/stores/sink.js";
import { type BenchStore, startStore } from "../../retrieval/stores.js";
import { Random } from "../../support/random.js";
import { type RealSet, readSets } from "../real/read-sets.js";
import { FORMS, type Form, writeForm } from "./forms.js";
import { type GroupedTable, type GroupQuestion, groupedTable } from "./grouped-tables.js";

/** So many that each set takes about a minute with the bundled model. */
const MAX_TABLES = 100;
const QUESTIONS = 3;

interface StoredSplit {
  split: SplitDocument;
  table: GroupedTable;
}

const splitAll = async (tables: readonly GroupedTable[], chunkSize: number): Promise<StoredSplit[]> => {
  const splitter = new SegmentSplitter({ chunkSize });
  const stored: StoredSplit[] = [];
  for (const table of tables)
    for (const split of await splitter.transformDocuments(table.documents)) stored.push({ split, table });
  return stored;
};

const isAnswer = ({ content, metadata }: SearchHit, { table, row, answer }: GroupQuestion): boolean => {
  const { doc_id, row_start = -1, row_end = -1 } = metadata;
  return doc_id === table && row_start <= row && row <= row_end && content.includes(answer);
};

/** Embeds each text once. */
const remembering = (model: StaticEmbeddings) => {
  const vectors = new Map<string, number[]>();
  return async (texts: readonly string[]): Promise<number[][]> => {
    const missing = [...new Set(texts)].filter((text) => !vectors.has(text));
    for (const [index, vector] of (await model.embedDocuments(missing)).entries())
      vectors.set(missing[index] ?? "", vector);
    return texts.map((text) => vectors.get(text) ?? []);
  };
};

type Embed = ReturnType<typeof remembering>;

const fill = async (sink: VectorSink, form: Form, splits: readonly StoredSplit[], embed: Embed) => {
  const written = splits.map(({ split, table }) => ({ split, ...writeForm(split, table.levels, form) }));
  const vectors = await embed(written.map(({ embedded }) => embedded));
  await sink.prepare({ dimensions: vectors[0]?.length ?? 0, model: "bench" });
  await sink.upsert(
    written.map(({ split, lexical }, index) => ({
      id: randomUUID(),
      vector: vectors[index] ?? [],
      content: split.pageContent,
      lexical,
      metadata: { ...split.metadata, version: "bench" },
    })),
  );
};

const MODES: readonly SearchMode[] = ["dense", "text", "hybrid"];

/** Shares of questions whose answer is the first hit, and one of the first five. */
const score = async (
  sink: VectorSink,
  mode: SearchMode,
  questions: readonly GroupQuestion[],
  embed: Embed,
) => {
  const embedDocuments = (texts: string[]): Promise<number[][]> => embed(texts);
  const embedQuery = async (text: string): Promise<number[]> => (await embed([text]))[0] ?? [];
  const target = { sink, embeddings: { embedDocuments, embedQuery } };
  await embed(questions.map(({ text }) => text));
  const ranks: number[] = [];
  for (const question of questions) {
    const hits = await searchSegments(target, question.text, { mode, k: 5 });
    ranks.push(hits.findIndex((hit) => isAnswer(hit, question)));
  }
  const share = (most: number): string =>
    (ranks.filter((rank) => rank >= 0 && rank < most).length / ranks.length).toFixed(3);
  return [share(1), share(5)];
};

const compareSet = async (
  { name, tables }: RealSet,
  budgets: readonly number[],
  random: Random,
  store: BenchStore,
  embed: Embed,
): Promise<string[]> => {
  const candidates = [...tables];
  random.shuffle(candidates);
  const grouped: GroupedTable[] = [];
  for (const table of candidates) {
    if (grouped.length === MAX_TABLES) break;
    const found = groupedTable(table, random, QUESTIONS);
    if (found) grouped.push(found);
  }
  const questions = grouped.flatMap((table) => table.questions);
  if (questions.length === 0) return [];
  const lines: string[] = [];
  for (const budget of budgets) {
    const splits = await splitAll(grouped, budget);
    for (const form of Object.keys(FORMS) as Form[]) {
      const sink = store.open(`${name}-${budget}-${form}`.replace(/\W/g, "-"));
      await fill(sink, form, splits, embed);
      const scores: string[] = [];
      for (const mode of MODES) scores.push(...(await score(sink, mode, questions, embed)));
      const counts = [name, budget, `${grouped.length}`, `${questions.length}`, `${splits.length}`];
      lines.push(`| ${[...counts, form, ...scores].join(" | ")} |`);
    }
  }
  return lines;
};

/**
 * Compares forms of the names of groups in the text of a row by how well the row is found: the tables of a folder are
 * split, and rows below such names are asked for, those first whose label other groups have as well.
 *
 * @returns whether any table has groups
 */
export const compareForms = async (
  directory: string,
  { budgets, seed }: { budgets: readonly number[]; seed: number },
): Promise<boolean> => {
  const random = new Random(seed);
  const model = new StaticEmbeddings();
  const store = await startStore("lancedb");
  try {
    const embed = remembering(model);
    const modes = MODES.flatMap((mode) => [`${mode} hit@1`, "hit@5"]);
    const head = ["set", "budget", "tables", "questions", "splits", "form", ...modes];
    console.log(`| ${head.join(" | ")} |\n|${" --- |".repeat(head.length)}`);
    let isAny = false;
    for (const set of readSets(directory)) {
      const lines = await compareSet(set, budgets, random, store, embed);
      isAny ||= lines.length > 0;
      for (const line of lines) console.log(line);
    }
    return isAny;
  } finally {
    await store.close();
    await model.close();
  }
};
