const LETTERS = "[\\p{L}\\p{M}]+";

/** Ends a line inside a word and nothing else: a soft hyphen, `¬` of OCR, and what PDF readers write for a hyphen. */
const DISCRETIONARY = "\\u00ad\\u00ac\\u0002\\ufffe";
const HYPHEN = "-\\u2010";

/** A mark at a line end, which flattened text shows as a space, with the rest of the word; there may be several. */
const BREAK = new RegExp(
  `(?=[${HYPHEN}${DISCRETIONARY}]\\s)(?<=[\\p{L}\\p{M}])(?:[${HYPHEN}${DISCRETIONARY}]\\s+${LETTERS})+`,
  "gu",
);
const WORD_BEFORE = new RegExp(`${LETTERS}$`, "u");
const PARTS = new RegExp(`([${HYPHEN}${DISCRETIONARY}])\\s+(${LETTERS})`, "gu");
const WORDS = new RegExp(`${LETTERS}(?:[${HYPHEN}]${LETTERS})*`, "gu");

/** Longer runs of letters are of scripts without spaces, or no words. */
const LONGEST_PART = 40;

/** What follows a hyphen that stands for the rest of a compound, as in `pre- and post-sale`. */
export const CONJUNCTIONS: ReadonlySet<string> = new Set(
  "and or to nor und oder bis bzw sowie et ou y o u e ed en of och og eller i ili и или".split(" "),
);

/** A word that a line end divides. */
interface BrokenWord {
  /** Where it begins and ends in its text. */
  start: number;
  end: number;
  hyphenated: string;
  joined: string;
  /** Whether the mark at the line end is printed nowhere else, so that the word is one. */
  isOne: boolean;
}

const isCapitals = (word: string): boolean => word.length > 1 && word === word.toUpperCase();

/** Whether a word may go on with the next part: a name or an abbreviation after a hyphen is a word of its own. */
const goesOn = (word: string, next: string): boolean =>
  (!/^\p{Lu}/u.test(next) || (isCapitals(word) && isCapitals(next))) && !CONJUNCTIONS.has(next.toLowerCase());

const readBreak = (text: string, { index, 0: rest }: RegExpExecArray): BrokenWord | undefined => {
  const [first] = WORD_BEFORE.exec(text.slice(Math.max(0, index - LONGEST_PART), index)) ?? [];
  if (first === undefined || first.length === LONGEST_PART) return undefined;
  const broken = { start: index - first.length, end: index, hyphenated: first, joined: first, isOne: true };
  let last = first;
  for (const { 0: part, 1: mark = "", 2: next = "" } of rest.matchAll(PARTS)) {
    const isHyphen = mark === "-" || mark === "\u2010";
    if (isHyphen && !goesOn(last, next)) break;
    broken.isOne &&= !isHyphen;
    broken.end += part.length;
    broken.hyphenated += isHyphen ? `-${next}` : next;
    broken.joined += next;
    last = next;
  }
  return broken.end > index ? broken : undefined;
};

/** What a text without broken words rarely has, found many times faster than them. */
const LINE_END_MARK = new RegExp(`[${HYPHEN}${DISCRETIONARY}]\\s`);

const brokenWords = (text: string): BrokenWord[] => {
  if (!LINE_END_MARK.test(text)) return [];
  return Array.from(text.matchAll(BREAK), (found) => readBreak(text, found)).filter(
    (word) => word !== undefined,
  );
};

/** Returns the form in which words are compared. */
export const comparable = (word: string): string => word.toLowerCase().replaceAll("\u2010", "-");

/** Returns which of the wanted words stand unbroken in the texts. */
const wordsIn = (texts: readonly string[], wanted: ReadonlySet<string>): Set<string> => {
  const found = new Set<string>();
  for (const text of texts) {
    for (const [word] of text.matchAll(WORDS)) {
      const key = comparable(word);
      if (wanted.has(key)) found.add(key);
    }
  }
  return found;
};

/**
 * Joins the words that line ends divide, for word search. `environ-⏎mental` is `environmental` where the texts have
 * that word elsewhere, and `long-⏎term` is `long-term` where they have that one. Where they show neither or both, both
 * are written, so that either is found.
 *
 * @param texts of one document, whose words are the evidence for each other
 */
export const joinBrokenWords = (texts: readonly string[]): string[] => {
  const broken = texts.map(brokenWords);
  const uncertain = broken.flat().filter(({ isOne }) => !isOne);
  const wanted = new Set(uncertain.flatMap(({ hyphenated, joined }) => [hyphenated, joined].map(comparable)));
  const elsewhere = wanted.size > 0 ? wordsIn(texts, wanted) : wanted;
  const write = ({ hyphenated, joined, isOne }: BrokenWord): string => {
    const hasJoined = elsewhere.has(comparable(joined));
    const hasHyphenated = elsewhere.has(comparable(hyphenated));
    if (isOne || (hasJoined && !hasHyphenated)) return joined;
    return hasHyphenated && !hasJoined ? hyphenated : `${hyphenated} ${joined}`;
  };
  return texts.map((text, index) => {
    const pieces: string[] = [];
    let copied = 0;
    for (const word of broken[index] ?? []) {
      // A part may already belong to the word before.
      if (word.start < copied) continue;
      pieces.push(text.slice(copied, word.start), write(word));
      copied = word.end;
    }
    return copied === 0 ? text : pieces.join("") + text.slice(copied);
  });
};
