/**
 * English words that ask, point or join and name nothing. They are rare in documents that state facts, where BM25
 * would take "how" or "does" for the most telling words of a question.
 */
const FUNCTION_WORDS = new Set(
  (
    "a about am an and any are as at be been being but by can could did do does doing for from had has have having " +
    "he her hers him his how i if in into is it its itself me might must my of on or our ours she should so " +
    "some than that the their theirs them then there these they this those to us was we were what when where " +
    "which who whom whose why will with would you your yours"
  ).split(" "),
);

/**
 * A question without the words that name nothing; a question of such words only stays as it is, and so do words in
 * capitals, such as "IT" or "WHO", which are names.
 */
export const tellingWords = (question: string): string => {
  const telling = question
    .split(/\s+/)
    .filter(
      (word) =>
        !FUNCTION_WORDS.has(
          word
            .replace(/^[\p{P}\p{S}]+|[\p{P}\p{S}]+$/gu, "")
            .replace(/^\p{Lu}(?=\p{Ll})/u, (letter) => letter.toLowerCase()),
        ),
    );
  return telling.some((word) => /[\p{L}\p{N}]/u.test(word)) ? telling.join(" ") : question;
};
