/**
 * English words of questions that carry no content. They are rare in documents that state facts, so BM25 would give
 * "how" or "does" the highest weight of all words in a question.
 */
const STOP_WORDS = new Set(
  (
    "a about am an and any are as at be been being but by can could did do does doing for from had has have having " +
    "he her hers him his how i if in into is it its itself me might must my of on or our ours she should so " +
    "some than that the their theirs them then there these they this those to us was we were what when where " +
    "which who whom whose why will with would you your yours"
  ).split(" "),
);

/**
 * Removes stop words from a question. A question of stop words only stays as it is, and so do words in capitals, such as
 * "IT" or "WHO", which are names.
 */
export const withoutStopWords = (question: string): string => {
  const remaining = question
    .split(/\s+/)
    .filter(
      (word) =>
        !STOP_WORDS.has(
          word
            .replace(/^[\p{P}\p{S}]+|[\p{P}\p{S}]+$/gu, "")
            .replace(/^\p{Lu}(?=\p{Ll})/u, (letter) => letter.toLowerCase()),
        ),
    );
  return remaining.some((word) => /[\p{L}\p{N}]/u.test(word)) ? remaining.join(" ") : question;
};
