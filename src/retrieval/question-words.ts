/** `FY2018`, `FY 18`, `CY'18`. */
const YEAR = /\b[FC]Y\s?['’]?(\d{4}|\d{2})\b/gi;

/** `Q2FY24`, `2Q24`, `Q2 '24`, `H1 FY2024`, `1H24`. */
const PERIOD = /\b(?:(Q[1-4]|H[12])|([1-4]Q|[12]H))\s?(?:[FC]Y)?\s?['’]?(\d{4}|\d{2})\b/gi;

/** `$5m`, `€3.2bn`; without a currency only what is no unit of length: `3.2bn`, `5mn`. */
const AMOUNT = /(?:[$€£¥]\s?(\d+(?:[.,]\d+)*)\s?(k|mm|mn|m|bn|b|tn|t)|\b(\d+(?:[.,]\d+)*)\s?(bn|mn))\b/gi;

const SCALES: Readonly<Record<string, string>> = { k: "thousand", m: "million", b: "billion", t: "trillion" };

/** Two digits are a year of this century up to 2079. */
const fullYear = (digits: string): string =>
  digits.length === 4 ? digits : `${Number(digits) < 80 ? "20" : "19"}${digits}`;

const period = (name: string): string => (/^\d/.test(name) ? `${name[1]}${name[0]}` : name).toUpperCase();

/**
 * Adds to a question what its abbreviations of years, periods and amounts stand for, because documents and questions
 * write them in different ways and full-text search compares whole words.
 *
 * @example
 * ```ts
 * withWrittenOut("Q2FY24 revenue above $5m"); // "Q2FY24 revenue above $5m Q2 2024 5 million"
 * ```
 */
export const withWrittenOut = (question: string): string => {
  const years = [...question.matchAll(YEAR)].map(([, digits = ""]) => fullYear(digits));
  const periods = [...question.matchAll(PERIOD)].map(
    ([, before, after, digits = ""]) => `${period(before ?? after ?? "")} ${fullYear(digits)}`,
  );
  const amounts = [...question.matchAll(AMOUNT)].map(([, marked, scale, plain, plainScale]) => {
    const [letter = ""] = (scale ?? plainScale ?? "").toLowerCase();
    return `${marked ?? plain} ${SCALES[letter]}`;
  });
  return [question, ...new Set([...years, ...periods, ...amounts])].join(" ");
};
