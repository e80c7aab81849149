import { type DocumentPlan, type PlannedAction, type PlannedReuse, planIngest } from "../../ingest/plan.js";
import type { Ledger } from "../../ledger/ledger.js";
import { loadEnvironment } from "../setup/environment.js";
import { MODELS } from "../setup/registry.js";
import { withSession } from "../setup/session.js";
import { chooseSources } from "../setup/sources/choose-sources.js";
import { formatSkipped, sayUnmatched } from "../setup/sources/skipped.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Command } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";
import { type IngestCommandOptions, searchSettings } from "./ingest.js";
import { findGone, noting, sayKept } from "./prune.js";

export interface PlanCommandOptions extends IngestCommandOptions {
  price?: number;
  pricePerPage?: number;
}

/** US dollars for a million tokens, as OpenAI lists them (https://platform.openai.com/docs/pricing, 2026). */
const LISTED_PRICES: Readonly<Record<string, number>> = {
  "text-embedding-3-small": 0.02,
  "text-embedding-3-large": 0.13,
  "text-embedding-ada-002": 0.1,
};

/** Returns the price of a million tokens of a model, where it is known. */
const listedPrice = (modelName: string): number | undefined =>
  MODELS.find(({ recognizes }) => recognizes(modelName))?.isFree ? 0 : LISTED_PRICES[modelName];

/** Averages what the jobs of the ledger cost, over those whose credits the service reported. */
const meanCredits = async (ledger: Ledger): Promise<{ mean: number; jobs: number } | undefined> => {
  let jobs = 0;
  let credits = 0;
  for await (const { record } of ledger.list()) {
    if (record?.credits_used == null) continue;
    jobs += 1;
    credits += record.credits_used;
  }
  return jobs === 0 ? undefined : { mean: credits / jobs, jobs };
};

interface ParseEstimate {
  /** Pages of the documents whose pages could be counted. */
  pages: number;
  /** Documents whose pages could not be counted. */
  unknownPages: number;
  /** What earlier jobs cost, if that is known. */
  mean: { mean: number; jobs: number } | undefined;
  /** US dollars. */
  pricePerPage: number | undefined;
}

/** Estimates what parsing costs, at one credit a page and the mean of earlier jobs for what cannot be counted. */
const parseCost = ({ pages, unknownPages, mean, pricePerPage }: ParseEstimate) => {
  const others = unknownPages === 0 ? 0 : mean && mean.mean * unknownPages;
  return {
    parse_pages: pages,
    parse_unknown_documents: unknownPages,
    parse_credits: others === undefined ? null : Math.round(pages + others),
    parse_usd: pricePerPage === undefined ? null : pages * pricePerPage,
  };
};

const describeParse = (estimate: ParseEstimate): string => {
  const { pages, unknownPages, mean } = estimate;
  const { parse_credits: credits, parse_usd: usd } = parseCost(estimate);
  const unknown = `${counted(unknownPages, "document")} of unknown length`;
  const parts = [...(pages > 0 ? [counted(pages, "page")] : []), ...(unknownPages > 0 ? [unknown] : [])];
  const basis =
    mean && unknownPages > 0 ? `, by the mean of ${counted(mean.jobs, "earlier job")} for the unknown` : "";
  const cost =
    credits !== null
      ? `about ${counted(credits, "credit")}${basis}`
      : pages > 0
        ? `at least about ${counted(pages, "credit")}`
        : "cost unknown before the first job";
  const price =
    usd === null ? "" : `, about $${usd.toFixed(2)}${unknownPages > 0 ? " for the counted pages" : ""}`;
  return `${parts.join(" and ")}, ${cost}${price}`;
};

const ACTIONS: Readonly<Record<PlannedAction, string>> = {
  unchanged: "unchanged",
  submit: "to be submitted",
  resume: "to be resumed by a parse job that is paid for",
  reuse: "to be stored by the parse of a copy",
  store: "to be stored from a result that is kept",
  unknown: "of unknown outcome, not submitted again",
  claimedElsewhere: "claimed by another run",
  fail: "that would fail",
};

const totalsOf = (documents: readonly DocumentPlan[]) => {
  const totals = {
    actions: new Map<PlannedAction, number>(),
    texts: 0,
    tokens: 0,
    pages: 0,
    unknownPages: 0,
    add: 0,
    keep: 0,
    delete: 0,
  };
  for (const { action, embed, points, pages } of documents) {
    totals.actions.set(action, (totals.actions.get(action) ?? 0) + 1);
    totals.pages += pages ?? 0;
    totals.unknownPages += pages === null ? 1 : 0;
    totals.texts += embed?.texts ?? 0;
    totals.tokens += embed?.tokens ?? 0;
    totals.add += points?.add ?? 0;
    totals.keep += points?.keep ?? 0;
    totals.delete += points?.delete ?? 0;
  }
  return totals;
};

const REUSED: Readonly<Record<PlannedReuse["what"], string>> = {
  result: "the kept result",
  job: "the parse job",
  submission: "the submission",
};

const describe = ({ doc_id, action, pages, reuse, embed, points, reason }: DocumentPlan): string => {
  const parse = reuse ? ` by ${REUSED[reuse.what]} of ${reuse.doc_id}, which has the same content` : "";
  const length = pages === undefined ? "" : `, ${pages === null ? "unknown length" : counted(pages, "page")}`;
  const texts =
    embed && embed.texts > 0
      ? `, embed ${counted(embed.texts, "text")} (${counted(embed.tokens, "token")})`
      : "";
  const changes = points ? `, add ${points.add}, keep ${points.keep}, delete ${points.delete} points` : "";
  return `${action.toUpperCase()} ${doc_id}${parse}${reason ? ` ${reason.code}: ${reason.message}` : length + texts + changes}`;
};

/** Runs `unsiloed-ingest plan`: shows what a run would do and cost. */
export const runPlan: Command<PlanCommandOptions> = (named, options, out) =>
  interruptible(out, async (signal) => {
    const environment = loadEnvironment();
    const settings = searchSettings(options, out);
    const chosen = await chooseSources(named, { ...settings, offline: true });
    const { present, sources } = noting(chosen, options.prune);
    if (Array.isArray(chosen)) sayUnmatched(settings.skipped, out);
    return withSession({ ...options, readOnly: true }, environment, out, async (session) => {
      const { sink, embeddings, splitter, filter, ledger, results } = session;
      const documents: DocumentPlan[] = [];
      const areCached = (texts: readonly string[]) => embeddings.areCached(texts);
      const choices = {
        refresh: options.refresh ?? false,
        resubmitUnknown: options.resubmitUnknown ?? false,
      };
      const opened = { sink, embeddings, splitter, filter, ledger, results };
      for await (const one of planIngest(sources, { ...opened, ...choices, areCached, signal }))
        documents.push(one);
      if (!Array.isArray(chosen)) sayUnmatched(settings.skipped, out);
      const found = options.prune
        ? await findGone(named, present, options.root, session)
        : { gone: [], keptBelow: new Map<string, number>(), elsewhere: new Map<string, number>() };
      const { gone } = found;
      sayKept(found, out);
      const { actions, texts, tokens, pages, unknownPages, ...points } = totalsOf(documents);
      const price = options.price ?? listedPrice(embeddings.modelName);
      const usd = price === undefined ? null : (tokens / 1e6) * price;
      const submit = actions.get("submit") ?? 0;
      const mean = unknownPages > 0 ? await meanCredits(ledger) : undefined;
      const parse = { pages, unknownPages, mean, pricePerPage: options.pricePerPage };
      if (options.json) {
        const cost = { ...parseCost(parse), embedding_usd: usd };
        out.json({
          documents,
          actions: Object.fromEntries(actions),
          embed: { texts, tokens },
          points,
          cost,
          prune: gone,
          skipped: settings.skipped,
        });
        return EXIT.ok;
      }
      for (const one of documents) if (one.action !== "unchanged") out.print(describe(one));
      for (const docId of gone) out.print(`PRUNE ${docId}`);
      const parts = [...actions].map(([action, count]) => `${count} ${ACTIONS[action]}`);
      out.print(`documents: ${documents.length} = ${parts.join(" + ") || "0"}`);
      out.print(
        `embed:     ${counted(texts, "text")}, ${counted(tokens, "token")} of ${embeddings.modelName}${usd === null ? "" : `, about $${usd.toFixed(4)}`}`,
      );
      out.print(`points:    ${points.add} to add, ${points.keep} to keep, ${points.delete} to delete`);
      if (submit > 0)
        out.print(
          `parsing:   ${counted(submit, "submission")}, ${describeParse(parse)}; texts and points are known after parsing`,
        );
      for (const line of formatSkipped(settings.skipped)) out.print(line);
      return EXIT.ok;
    });
  });
