import { lexicalNames } from "../../documents/embedding-text.js";
import { withoutStopWords } from "../../internal/text/stop-words.js";
import type { SearchHit } from "../../stores/sink.js";
import { byScore } from "../fusion.js";
import { type Passage, passagesOf } from "./passages.js";
import { normalize, wordsOf } from "./words.js";

/** Weights of what decides the order, found on one half of the questions of several sets; see bench/README.md. */
export const WEIGHTS = {
  /** The score of the search. */
  score: 0.3,
  /** How much of the question one passage holds, with what it is read with. */
  passage: 0.27,
  /** How many words that are neighbours in the question are neighbours in the text. */
  pairs: 0.16,
  /** How well the first cell of a row is what is asked for. */
  name: 0.27,
};

/** Words that say what to do with figures, and seldom stand beside them. */
const CALCULATION = new Set(
  wordsOf(
    "average change changes percentage percent difference respectively ratio increase decrease amount amounts number " +
      "compared total sum between proportion higher lower highest lowest year years much many value following",
  ),
);
const CALCULATION_WEIGHT = 0.3;

interface ReadHit {
  hit: SearchHit;
  passages: Passage[];
  /** Words of the names of document and section, which every passage is read with. */
  names: string[];
  words: Set<string>;
}

const read = (hit: SearchHit): ReadHit => {
  const passages = passagesOf(normalize(hit.content));
  const above = lexicalNames({ pageContent: hit.content, metadata: hit.metadata });
  const names = wordsOf(normalize(above.join("\n")));
  const words = new Set([...names, ...passages.flatMap(({ words, context }) => [...words, ...context])]);
  return { hit, passages, names, words };
};

/**
 * The words of a question with their weights, which sum to 1. Words that no hit has count too: where the documents use
 * other words than the question, what few they share says little, and the vectors decide.
 */
class Question {
  readonly #weights = new Map<string, number>();
  readonly #pairs: { first: string; second: string; weight: number }[] = [];

  constructor(question: string, hits: readonly ReadHit[]) {
    const words = wordsOf(normalize(withoutStopWords(question)));
    for (const word of new Set(words)) {
      const holders = hits.filter((hit) => hit.words.has(word)).length;
      const rarity = Math.log(1 + (hits.length - holders + 0.5) / (holders + 0.5));
      this.#weights.set(word, rarity * (CALCULATION.has(word) ? CALCULATION_WEIGHT : 1));
    }
    const total = [...this.#weights.values()].reduce((sum, weight) => sum + weight, 0);
    for (const [word, weight] of this.#weights) this.#weights.set(word, weight / total);
    const pairs = words.slice(1).map((second, at) => ({ first: words[at] ?? "", second }));
    const known = pairs.filter(
      ({ first, second }) => this.has(first) && this.has(second) && first !== second,
    );
    const weights = known.map(({ first, second }) => this.weight(first) + this.weight(second));
    const sum = weights.reduce((all, weight) => all + weight, 0);
    this.#pairs = known.map((pair, at) => ({ ...pair, weight: (weights[at] ?? 0) / sum }));
  }

  has(word: string): boolean {
    return this.#weights.has(word);
  }

  weight(word: string): number {
    return this.#weights.get(word) ?? 0;
  }

  /** Returns the weight of the words of the question that a text has. */
  coverage(words: Iterable<string>): number {
    let sum = 0;
    for (const word of new Set(words)) sum += this.weight(word);
    return sum;
  }

  /** Returns the weight of the pairs of the question that follow each other in a text, with one word between at most. */
  pairCoverage(words: readonly string[]): number {
    const found = new Set<string>();
    for (const [at, word] of words.entries()) {
      if (!this.has(word)) continue;
      found.add(`${word} ${words[at + 1]}`).add(`${word} ${words[at + 2]}`);
    }
    return this.#pairs.reduce(
      (sum, { first, second, weight }) => sum + (found.has(`${first} ${second}`) ? weight : 0),
      0,
    );
  }

  /** Returns the weight of the words that a name shares with the question, less for a name with other words. */
  nameMatch(name: readonly string[]): number {
    const words = name.filter((word) => /\p{L}/u.test(word));
    if (words.length === 0) return 0;
    const shared = words.filter((word) => this.has(word));
    return (shared.length / words.length) ** 2 * this.coverage(shared);
  }
}

const most = (values: readonly number[]): number => values.reduce((best, value) => Math.max(best, value), 0);

/**
 * Orders hits by the words that they share with the question, best first.
 *
 * BM25 counts words anywhere in a text. Here they count more where one sentence, or one row of a table with the names
 * of its columns, has them together, in the order of the question, or as its name.
 *
 * @param hits with scores from 0 to 1; so are those that are returned
 */
export const rankByWords = (
  question: string,
  hits: readonly SearchHit[],
  weights: Readonly<typeof WEIGHTS> = WEIGHTS,
): SearchHit[] => {
  const texts = hits.map(read);
  const asked = new Question(question, texts);
  return texts
    .map(({ hit, passages, names }) => {
      const passage = most(
        passages.map(({ words, context }) => asked.coverage([...words, ...context, ...names])),
      );
      const name = most(passages.map((each) => asked.nameMatch(each.name)));
      const pairs = asked.pairCoverage([...names, ...passages.flatMap(({ words }) => words)]);
      const score =
        weights.score * hit.score + weights.passage * passage + weights.pairs * pairs + weights.name * name;
      return { ...hit, score };
    })
    .sort(byScore);
};
