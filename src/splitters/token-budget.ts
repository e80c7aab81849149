import { embeddingPrefix } from "../documents/embedding-text.js";
import { sameItems } from "../internal/lists.js";

/** The share of a budget that title and section path may take; outer headings are dropped beyond it. */
const PATH_SHARE = 1 / 3;

/** The share of a budget that the title of a document may take; it is left out beyond it. */
const TITLE_SHARE = 1 / 6;

/** Tokens that joining two texts may add to their sum: a blank line, and what the joint undoes. */
export const JOINT = 2;

/** Tokens of a line end, and of what it may cost to leave it out: sums of lines hold one that the text has not. */
const LINE_END = 2;

/**
 * Decides whether texts fit into the tokens of a split, everything that is embedded included.
 *
 * Each text is counted once and the counts are added. Joining two texts can cost a token or so more than their sum, so
 * sums are compared with a margin, and the joined text is counted only if the margin decides.
 */
export class TokenBudget {
  readonly size: number;
  readonly overlap: number;
  readonly count: (text: string) => number;
  /** Whether counts of pieces cut where `cl100k_base` cuts too add up to the count of the whole. */
  readonly isAdditive: boolean;
  /** The title of the document, if it leaves room for the text. */
  readonly title: string | undefined;
  readonly #titleTokens: number;
  #path: readonly string[] = [];
  #fitted: string[] = [];
  #prefix = "";
  #prefixTokens = 0;

  /**
   * @param isAdditive whether `count` counts the tokens of `cl100k_base`
   * @param title of the document, which is embedded with every split
   */
  constructor(
    size: number,
    overlap: number,
    count: (text: string) => number,
    isAdditive = false,
    title?: string,
  ) {
    this.isAdditive = isAdditive;
    this.size = size;
    this.overlap = overlap;
    this.count = count;
    const titleTokens = title === undefined ? 0 : count(title) + JOINT;
    this.title = titleTokens <= size * TITLE_SHARE ? title : undefined;
    this.#titleTokens = this.title === undefined ? 0 : titleTokens;
  }

  /** Returns the metadata of a split that is embedded with its text. */
  embedded(path: string[]): { title?: string; section_path: string[] } {
    return { ...(this.title !== undefined && { title: this.title }), section_path: path };
  }

  /** Keeps the innermost headings of a path that leave room for the text itself. */
  fitPath(path: readonly string[]): string[] {
    if (sameItems(path, this.#path)) return this.#fitted;
    const kept: string[] = [];
    let left = this.size * PATH_SHARE - this.#titleTokens;
    for (const heading of path.toReversed()) {
      if (heading !== this.title) left -= this.count(heading) + JOINT;
      if (left < 0) break;
      kept.unshift(heading);
    }
    this.#path = path;
    this.#fitted = kept;
    return kept;
  }

  /** Writes the line before a text that begins with `opening`. */
  prefix(path: string[], opening: string): string {
    return embeddingPrefix({ pageContent: opening, metadata: this.embedded(path) });
  }

  /** Bounds the tokens before a text that begins with `opening`. */
  prefixTokens(path: string[], opening: string): number {
    const prefix = this.prefix(path, opening);
    // Most splits of a section have the same.
    if (prefix !== this.#prefix) this.#prefixTokens = prefix === "" ? 0 : this.count(prefix) + JOINT;
    this.#prefix = prefix;
    return this.#prefixTokens;
  }

  /**
   * Whether a text fits whose pieces sum up to `sum`, with at most `margin` tokens more for their joints.
   *
   * @param render the whole text, asked for only near the limit
   */
  fits(sum: number, margin: number, render: () => string): boolean {
    if (sum + margin <= this.size) return true;
    return sum <= this.size && this.count(render()) <= this.size;
  }

  /**
   * Whether a text of lines fits whose pieces, cut where `cl100k_base` cuts too, sum up to `sum`, a line end after the
   * last included. Only another count than that of the encoding can make more of the whole.
   *
   * @param joints how many pieces there are
   * @param count the tokens of the whole text
   */
  holds(sum: number, joints: number, count: () => number): boolean {
    if (sum + (this.isAdditive ? 0 : joints) <= this.size) return true;
    return sum <= this.size + LINE_END && count() <= this.size;
  }
}
