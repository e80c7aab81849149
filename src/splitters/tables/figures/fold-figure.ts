import { withAsciiDigits } from "../../../internal/text/ascii-digits.js";

const SUPERSCRIPTS = new Map(
  [..."⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"].map((raised, index) => [raised, "0123456789+-".charAt(index)]),
);

/**
 * Writes figures of every script and convention of typography with the characters of ASCII: digits, full-width forms,
 * signs of minus (`−`, `–`, and `△` of Japanese accounts), spaces, apostrophes, and the separators of Arabic. Raised
 * digits follow a `^`, so that they are not taken for digits of the figure.
 */
export const foldFigure = (text: string): string => {
  if (/^[\x20-\x7eÀ-ÿ]*$/.test(text)) return text;
  const plain = text
    .replace(
      /[⁰¹²³⁴-⁹⁺⁻]+/g,
      (raised) => `^${Array.from(raised, (each) => SUPERSCRIPTS.get(each) ?? "").join("")}`,
    )
    .replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "")
    .replace(/(?<=\d)[¼-¾⅐-⅞]/g, " $&")
    .normalize("NFKC");
  return withAsciiDigits(plain)
    .replace(/[‐-―−➖△▲▼]/g, "-")
    .replace(/[‘’‛′ʼ´`]/g, "'")
    .replace(/[٫⎖]/g, ".")
    .replace(/[٬،、]/g, ",")
    .replace(/٪/g, "%")
    .replace(/⁄/g, "/")
    .replace(/\s/g, " ");
};
