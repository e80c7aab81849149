import type { Random } from "../support/random.js";

/** A piece of text between two spaces, in the text and in print. */
export interface Token {
  text: string;
  printed: string;
}

export interface ProseOptions {
  sentences: number;
  /** Rate of words in bold, in italics, in a link, with an escape or an entity. @default 0 */
  markdown?: number | undefined;
  /** Rate of sentences that are repeated. @default 0 */
  repeated?: number | undefined;
  /** Chinese in place of English. @default false */
  chinese?: boolean | undefined;
}

const WORDS = (
  "the office of financial review first affirms that each efficient workflow in the fleet reflects " +
  "international responsibilities and operational availability between transmission networks whose " +
  "commissioning certificates were specified before independent verification of naïve estimates at the café " +
  "offices confirmed that flat fluctuations of electricity significantly affect counterparties under the agreement"
).split(" ") as [string, ...string[]];

const REPEATED = "All amounts are stated in millions of euro unless the notes say otherwise.".split(" ");

const CHARACTERS = [
  ..."中国电力储能年度报告董事会认为公司收入增长主要来自容量合同和平衡服务运营成本保持稳定",
] as [string, ...string[]];

const marked = (word: string, random: Random): Token => {
  const way = random.between(0, 4);
  if (way === 0) return { text: `**${word}**`, printed: word };
  if (way === 1) return { text: `*${word}*`, printed: word };
  if (way === 2) return { text: `[${word}](https://docs.example/${word}?a=1)`, printed: word };
  if (way === 3) return { text: `${word}\\_a`, printed: `${word}_a` };
  return { text: `R&amp;D-${word}`, printed: `R&D-${word}` };
};

/** Makes sentences, each with its own number, so that no part of the text occurs twice by chance. */
export const prose = (options: ProseOptions, random: Random): Token[] => {
  const { sentences, markdown = 0, repeated = 0, chinese = false } = options;
  const tokens: Token[] = [];
  for (let sentence = 1; sentence <= sentences; sentence++) {
    const number = String(sentence);
    tokens.push({ text: number, printed: number });
    if (chinese) {
      const count = random.between(12, 40);
      for (let index = 0; index < count; index++) {
        const character = random.pick(CHARACTERS);
        tokens.push({ text: character, printed: character });
      }
      tokens.push({ text: "。", printed: "。" });
      continue;
    }
    const count = random.between(8, 26);
    for (let index = 1; index <= count; index++) {
      const plain = random.pick(WORDS);
      const word = index === count ? `${plain}.` : random.chance(0.06) ? `${plain},` : plain;
      tokens.push(random.chance(markdown) ? marked(word, random) : { text: word, printed: word });
    }
    if (random.chance(repeated)) tokens.push(...REPEATED.map((word) => ({ text: word, printed: word })));
  }
  return tokens;
};
