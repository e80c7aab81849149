/**
 * Words of questions that carry no content, by language. They are rare in documents that state facts, so BM25 would give
 * "how" or "does" the highest weight of all words in a question.
 */
const STOP_WORDS = {
  english:
    "a about am an and any are as at be been being but by can could did do does doing for from had has have having " +
    "he her hers him his how i if in into is it its itself me might must my of on or our ours she should so " +
    "some than that the their theirs them then there these they this those to us was we were what when where " +
    "which who whom whose why will with would you your yours",
  german:
    "ab als am an auch auf aus bei beim bin bis da damit dann das dass dem den denn der des die diese diesem diesen " +
    "dieser dieses doch du durch ein eine einem einen einer eines er es etwa für gegen gibt habe haben hat hatte ich ihr " +
    "ihre ihrem ihren ihrer im in ist ja kann können man mein meine mich mir mit muss müssen nach nicht noch nur ob oder " +
    "sein seine sich sie sind so soll sollen über um und uns unser unsere vom von vor wann war warum was welche welchem " +
    "welchen welcher welches wem wen wenn wer werden wessen wie wieso wieviel wir wird wo wodurch wofür womit woran worauf " +
    "wurde wurden zu zum zur darf dürfen",
  french:
    "à ai au aux avec avez avons c ce ces cet cette comment d dans de des doit doivent donc du elle elles en est et " +
    "être eu faut fait il ils j je l la le les leur leurs lui m ma mais me mes mon n ne nos notre nous on ont ou où par " +
    "pas peut peuvent pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa se ses si son sont sur t un une " +
    "vos votre vous y",
  spanish:
    "a al ante como cómo con cual cuál cuáles cuando cuándo cuanta cuánta cuántas cuanto cuánto cuántos de debe deben del " +
    "desde donde dónde e el ella ellos en entre era es esta está están este esto fue ha haber hace hasta hay la las le les " +
    "lo los me mi mis muy no nos o para pero por porque puede pueden que qué quien quién quiénes se ser si sin sobre son " +
    "su sus te tiene tienen tu un una y ya",
};

const LISTS = Object.values(STOP_WORDS).map((words) => new Set(words.split(" ")));

/** Returns a word as stop words are written. Words in capitals, such as "IT" or "WHO", stay so, because they are names. */
const plain = (word: string): string =>
  word
    .replace(/^[\p{P}\p{S}]+|[\p{P}\p{S}]+$/gu, "")
    .replace(/^\p{Lu}(?=\p{Ll}|$)/u, (letter) => letter.toLowerCase());

/**
 * Removes the stop words of its language from a question: of English, German, French or Spanish, the one with the most
 * of them. A question of stop words only stays as it is, and so do words in capitals.
 */
export const withoutStopWords = (question: string): string => {
  const words = question.split(/\s+/);
  const candidates = LISTS.map((list) => words.filter((word) => !list.has(plain(word))));
  const remaining = candidates.reduce((least, next) => (next.length < least.length ? next : least));
  return remaining.some((word) => /[\p{L}\p{N}]/u.test(word)) ? remaining.join(" ") : question;
};
