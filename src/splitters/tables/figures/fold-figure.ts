/** How many digits of the same script stand before a digit, which is its value. */
const digitValue = (digit: string): string => {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(code - before - 1))) before += 1;
  return String(before % 10);
};

const values = new Map<string, string>();

const asciiDigit = (digit: string): string => {
  const known = values.get(digit);
  if (known !== undefined) return known;
  const value = digitValue(digit);
  values.set(digit, value);
  return value;
};

const SUPERSCRIPTS = new Map(
  [..."⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"].map((raised, index) => [raised, "0123456789+-".charAt(index)]),
);

/**
 * Writes figures of every script and convention of typography with the characters of ASCII: digits, full-width forms,
 * signs of minus (`−`, `–`, and `△` of Japanese accounts), spaces, apostrophes, and the separators of Arabic. Raised
 * digits follow a `^`, so that they are not taken for digits of the figure.
 */
export const foldFigure = (text: string): string => {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text
    .replace(
      /[⁰¹²³⁴-⁹⁺⁻]+/g,
      (raised) => `^${Array.from(raised, (each) => SUPERSCRIPTS.get(each) ?? "").join("")}`,
    )
    .replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "")
    .replace(/(?<=\d)[¼-¾⅐-⅞]/g, " $&")
    .normalize("NFKC")
    .replace(/(?![0-9])\p{Nd}/gu, asciiDigit)
    .replace(/[‐-―−➖△▲▼]/g, "-")
    .replace(/[‘’‛′ʼ´`]/g, "'")
    .replace(/[٫⎖]/g, ".")
    .replace(/[٬،、]/g, ",")
    .replace(/٪/g, "%")
    .replace(/⁄/g, "/")
    .replace(/\s/g, " ");
};
