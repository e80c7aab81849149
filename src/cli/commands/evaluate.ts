import { readFile } from "node:fs/promises";
import { messageOf, UnsiloedError } from "../../errors.js";
import { type EvaluationReport, evaluate, type WayFigures } from "../../retrieval/evaluate/evaluate.js";
import type { Way } from "../../retrieval/evaluate/find-ways.js";
import { parseQuestions } from "../../retrieval/evaluate/questions.js";
import type { Estimate } from "../../retrieval/evaluate/statistics.js";
import { chooseForCollection, type EmbeddingsOptions } from "../setup/choose-embeddings.js";
import { chooseStore } from "../setup/choose-store.js";
import { loadEnvironment } from "../setup/environment.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import { elapsed } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";

export interface EvaluateCommandOptions extends EmbeddingsOptions {
  rerank?: "words" | "none";
  denseShare?: number;
  seed?: number;
  collection?: string;
  store?: string;
  json?: boolean;
}

/** Runs `unsiloed-ingest evaluate`: measures how well a collection answers the questions of a file. */
export const runEvaluate = (file: string, options: EvaluateCommandOptions, out: Terminal): Promise<number> =>
  interruptible(out, async (signal) => {
    const questions = parseQuestions(await readJson(file), file);
    const environment = loadEnvironment();
    const sink = await chooseStore({ ...options, readOnly: true }, environment);
    try {
      const { spec } = await sink.open({ signal });
      const embeddings = await chooseForCollection(options, spec, environment);
      out.say(`store: ${sink.description}`);
      out.say(`embeddings: ${embeddings.modelName}`);
      try {
        const { denseShare, rerank, seed } = options;
        const settings = { fusion: { denseShare }, rerank, seed };
        let asked = 0;
        const onAsked = (count: number): void => {
          asked = count;
        };
        const begun = Date.now();
        out.status(() => [`${asked}/${counted(questions.length, "question")}`, elapsed(Date.now() - begun)]);
        const report = await evaluate({ sink, embeddings }, questions, { ...settings, signal, onAsked });
        out.status();
        if (options.json) out.json(report);
        else out.print(formatEvaluation(report));
      } finally {
        out.status();
        await embeddings.close?.();
      }
    } finally {
      await sink.close();
    }
    return EXIT.ok;
  });

/** @throws UnsiloedError `FILE_NOT_FOUND`; `INVALID_OPTION` when it is no JSON */
const readJson = async (file: string): Promise<unknown> => {
  const text = await readFile(file, "utf8").catch((thrown: unknown) => {
    throw new UnsiloedError(
      "FILE_NOT_FOUND",
      `${file}: expected a readable file of questions (${messageOf(thrown)})`,
      { cause: thrown },
    );
  });
  try {
    const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return parsed;
  } catch (thrown) {
    throw new UnsiloedError("INVALID_OPTION", `${file}: expected JSON (${messageOf(thrown)})`, {
      cause: thrown,
    });
  }
};

const NAMES: Record<Way, string> = {
  dense: "dense",
  text: "text",
  fused: "hybrid, not reranked",
  hybrid: "hybrid",
};

const figure = ({ mean, low, high }: Estimate): string =>
  `${mean.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;

const signed = (value: number): string => `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(2)}`;

const difference = ({ mean, low, high }: Estimate): string =>
  `${signed(mean)} (${signed(low)} to ${signed(high)})`;

/** Lines up the columns of a table. */
const columns = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

const figuresRow = (figures: WayFigures): string[] => [
  NAMES[figures.way],
  figure(figures["hit@1"]),
  figure(figures["hit@5"]),
  figure(figures["hit@10"]),
  figure(figures.MRR),
];

const adviceOn = ({ denseShare, fusion }: EvaluationReport): string => {
  const best = fusion
    .filter(({ difference: { mean } }) => mean > 0)
    .toSorted((a, b) => b.difference.mean - a.difference.mean)[0];
  const tried = `dense share ${denseShare} is in use, ${fusion.map((trial) => trial.denseShare).join(", ")} were tried`;
  if (!best) return `${tried}: none has a higher MRR`;
  const gain = `${best.denseShare} has the highest MRR, ${difference(best.difference)}`;
  const verdict = best.isMoreThanChance
    ? `which is more than chance; use --dense-share ${best.denseShare}`
    : "which may be chance";
  return `${tried}: ${gain}, ${verdict}`;
};

/** Formats a report for people. */
const formatEvaluation = (report: EvaluationReport): string => {
  const { questions, ways, differences, fusion, judged, failures } = report;
  const count = counted(questions, "question");
  const figures = columns([["search", "hit@1", "hit@5", "hit@10", "MRR"], ...ways.map(figuresRow)]);
  const compared = columns([
    ["hybrid minus", "hit@5", "MRR"],
    ...differences.map(({ than, ...by }) => [NAMES[than], difference(by["hit@5"]), difference(by.MRR)]),
  ]);
  const listed = failures.map(
    ({ number, question, explanation }) => `${number}. ${question}\n   ${explanation}`,
  );
  const failing =
    failures.length === 0
      ? `Every question has its evidence in the first 5 hits (${NAMES[judged]}).`
      : `${failures.length} of ${count} without evidence in the first 5 hits (${NAMES[judged]}):\n${listed.join("\n")}`;
  return [
    `${count}, with 95 % intervals:\n${figures}`,
    ...(differences.length > 0 ? [compared] : []),
    ...(fusion.length > 0 ? [adviceOn(report)] : []),
    failing,
  ].join("\n\n");
};
