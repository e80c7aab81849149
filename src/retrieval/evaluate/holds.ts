/** Normalizes letters to one case and form, runs of white space to one space, and escaped pipes to pipes. */
const fold = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("\\|", "|")
    .replace(/[^\S\n]+/g, " ");

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Letters and digits of scripts with spaces between words; there are none between Han characters. */
const LETTER = "(?!\\p{Script=Han})[\\p{L}\\p{N}]";
const IS_LETTER = new RegExp(`^${LETTER}$`, "u");

const isWordCharacter = (character: string | undefined): boolean =>
  character !== undefined && IS_LETTER.test(character);

/**
 * Tells whether a text contains certain words as whole words: "EBIT" is not in "EBITDA", nor "0.3" in "0.35" or "10.3".
 * In Chinese text, where words have no ends, anywhere.
 */
export const holds = (text: string, words: string): boolean => {
  const wanted = fold(words).trim();
  const before = isWordCharacter(wanted[0]) ? `(?<!${LETTER}|\\p{N}[.,])` : "";
  const after = isWordCharacter(wanted.at(-1)) ? `(?!${LETTER}|[.,]\\p{N})` : "";
  const pattern = escapeRegExp(wanted).replaceAll(" ", "\\s+");
  return new RegExp(before + pattern + after, "u").test(fold(text));
};
