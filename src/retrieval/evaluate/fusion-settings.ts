import type { SearchHit, SinkCallOptions } from "../../stores/sink.js";
import { fuse } from "../fusion.js";
import { rerank } from "../rerank/rerank.js";
import type { ParsedEvaluateSettings } from "./evaluate-options.js";
import { DEPTH, type WayHits } from "./find-ways.js";
import { type RankScores, scoreRank } from "./metrics.js";
import { type Estimate, estimate, meanOf } from "./statistics.js";

/** The shares of the vector that are tried beside the one in use. */
const SHARES = [0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9];

/** Hybrid search with another weight of its parts. */
export interface FusionTrial {
  /** Share of the vector in the score of a hit. */
  denseShare: number;
  /** The mean with this share. */
  "hit@5": number;
  /** The mean with this share. */
  MRR: number;
  /**
   * Mean reciprocal rank with this share minus that with the share in use, on the same questions. The interval allows
   * for the number of shares that are tried, so that one of them does not look better by chance.
   */
  difference: Estimate;
  /**
   * Whether the difference is more than chance: 0 is outside its interval, and enough questions are ranked differently
   * that a sign test could tell. The bootstrap alone would trust a single question.
   */
  isMoreThanChance: boolean;
}

/** Collects what hybrid search would find with other shares. */
export class FusionTrials {
  readonly #settings: ParsedEvaluateSettings;
  readonly #scores: Map<number, RankScores[]>;

  constructor(settings: ParsedEvaluateSettings) {
    this.#settings = settings;
    // A reranker of the caller may cost money or minutes, so it is not called again for each share.
    const canRepeat = typeof settings.rerank === "string";
    const shares = canRepeat ? SHARES.filter((share) => share !== settings.fusion.denseShare) : [];
    this.#scores = new Map(shares.map((share) => [share, []]));
  }

  async add(
    question: string,
    { dense, text }: WayHits,
    isIn: (hit: SearchHit) => boolean,
    options: SinkCallOptions,
  ): Promise<void> {
    if (!dense || !text) return;
    for (const [denseShare, scores] of this.#scores) {
      const fused = fuse(dense, text, { denseShare }).slice(0, DEPTH);
      const hits = await rerank(this.#settings.rerank, question, fused, options);
      scores.push(scoreRank(hits.findIndex(isIn) + 1 || undefined));
    }
  }

  /** @param inUse the scores of hybrid search with the share in use, in the order of the questions */
  compareWith(inUse: readonly RankScores[]): FusionTrial[] {
    const chance = 0.05 / Math.max(1, this.#scores.size);
    // If all of so many questions change in one direction, the sign test reaches this level; with fewer it cannot.
    const enough = Math.ceil(Math.log2(2 / chance));
    return [...this.#scores]
      .filter(([, scores]) => scores.length > 0)
      .map(([denseShare, scores]) => {
        const differences = scores.map(({ MRR }, at) => MRR - (inUse[at]?.MRR ?? 0));
        const difference = estimate([differences], this.#settings.seed, 1 - chance);
        const differing = differences.filter((value) => value !== 0).length;
        return {
          denseShare,
          "hit@5": meanOf(scores.map((each) => each["hit@5"])),
          MRR: meanOf(scores.map(({ MRR }) => MRR)),
          difference,
          isMoreThanChance: differing >= enough && (difference.low > 0 || difference.high < 0),
        };
      });
  }
}
