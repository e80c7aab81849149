import { type DocumentPlan, type PlannedAction, planIngest } from "../../ingest/plan.js";
import type { Ledger } from "../../ledger/ledger.js";
import { chooseSources } from "../setup/choose-sources.js";
import { loadEnvironment } from "../setup/environment.js";
import { withSession } from "../setup/session.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Terminal } from "../terminal/terminal.js";
import { type IngestCommandOptions, sourceSettings } from "./ingest.js";
import { findGone, sayPassedOver } from "./prune.js";

export interface PlanCommandOptions extends IngestCommandOptions {
  price?: number;
}

/** US dollars for a million tokens, as OpenAI lists them (https://platform.openai.com/docs/pricing, 2026). */
const LISTED_PRICES: Readonly<Record<string, number>> = {
  "text-embedding-3-small": 0.02,
  "text-embedding-3-large": 0.13,
  "text-embedding-ada-002": 0.1,
  "use-lite": 0,
};

/** What a job cost on average, by the jobs of the ledger of which the service said so. */
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

const ACTIONS: Readonly<Record<PlannedAction, string>> = {
  unchanged: "unchanged",
  submit: "to be submitted",
  resume: "whose parse job is paid for",
  store: "whose result is at hand",
  unknown: "of unknown outcome, left alone",
  held: "another run works on",
  fail: "that would fail",
};

const totalsOf = (documents: readonly DocumentPlan[]) => {
  const totals = {
    actions: new Map<PlannedAction, number>(),
    texts: 0,
    tokens: 0,
    add: 0,
    keep: 0,
    delete: 0,
  };
  for (const { action, embed, points } of documents) {
    totals.actions.set(action, (totals.actions.get(action) ?? 0) + 1);
    totals.texts += embed?.texts ?? 0;
    totals.tokens += embed?.tokens ?? 0;
    totals.add += points?.add ?? 0;
    totals.keep += points?.keep ?? 0;
    totals.delete += points?.delete ?? 0;
  }
  return totals;
};

const describe = ({ doc_id, action, embed, points, reason }: DocumentPlan): string => {
  const texts = embed && embed.texts > 0 ? `, embed ${embed.texts} texts (${embed.tokens} tokens)` : "";
  const changes = points ? `, add ${points.add}, keep ${points.keep}, delete ${points.delete} points` : "";
  return `${action.toUpperCase()} ${doc_id}${reason ? ` ${reason.code}: ${reason.message}` : texts + changes}`;
};

/** `unsiloed-ingest plan`: what a run would do, and cost. */
export const runPlan = (
  named: readonly string[],
  options: PlanCommandOptions,
  out: Terminal,
): Promise<number> =>
  interruptible(out, async (signal) => {
    const environment = loadEnvironment();
    const sources = await chooseSources(named, {
      ...sourceSettings(options),
      docId: options.docId,
      offline: true,
    });
    return withSession(options, environment, out, async (session) => {
      const { embeddings, ledger } = session;
      const documents: DocumentPlan[] = [];
      const areCached = (texts: readonly string[]) => embeddings.areCached(texts);
      const choices = {
        refresh: options.refresh ?? false,
        resubmitUnknown: options.resubmitUnknown ?? false,
      };
      for await (const one of planIngest(sources, { ...session, ...choices, areCached, signal }))
        documents.push(one);
      const found = options.prune
        ? await findGone(named, sources, options.root, session)
        : { gone: [], passedOver: new Map<string, number>(), elsewhere: new Map<string, number>() };
      const { gone } = found;
      sayPassedOver(found, out);
      const { actions, texts, tokens, ...points } = totalsOf(documents);
      const price = options.price ?? LISTED_PRICES[embeddings.modelName];
      const usd = price === undefined ? null : (tokens / 1e6) * price;
      const submit = actions.get("submit") ?? 0;
      const credits = await meanCredits(ledger);
      const estimate = submit === 0 ? 0 : credits ? Math.round(credits.mean * submit) : null;
      if (options.json) {
        const cost = { parse_credits: estimate, embedding_usd: usd };
        out.json({
          documents,
          actions: Object.fromEntries(actions),
          embed: { texts, tokens },
          points,
          cost,
          prune: gone,
        });
        return EXIT.ok;
      }
      for (const one of documents) if (one.action !== "unchanged") out.print(describe(one));
      for (const docId of gone) out.print(`PRUNE ${docId}`);
      const parts = [...actions].map(([action, count]) => `${count} ${ACTIONS[action]}`);
      out.print(`documents: ${documents.length} = ${parts.join(" + ") || "0"}`);
      out.print(
        `embed:     ${texts} texts, ${tokens} tokens of ${embeddings.modelName}${usd === null ? "" : `, about $${usd.toFixed(4)}`}`,
      );
      out.print(`points:    ${points.add} to add, ${points.keep} to keep, ${points.delete} to delete`);
      if (submit > 0) {
        const basis = credits
          ? `about ${estimate} credits, by the mean of ${credits.jobs} earlier jobs`
          : "credits unknown before the first job";
        out.print(
          `parsing:   ${submit} submissions, ${basis}; their texts and points are known only after it`,
        );
      }
      return EXIT.ok;
    });
  });
