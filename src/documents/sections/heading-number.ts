/** The number of a heading. */
export interface HeadingNumber {
  /** Name of the form of the number, the same for headings that are numbered alike: `1.` and `1.1`, `Article 4`, `(a)`. */
  style: string;
  /** The parts of the number: `3.1.2` has three. */
  parts: readonly string[];
  /** Headings of a style with a lower rank usually contain those of a style with a higher one. */
  rank: number;
}

const NAMED: readonly [rank: number, style: string, words: string][] = [
  [0, "annex", "annex|annexe|appendix|schedule|exhibit|anlage|anhang|anexo|allegato|bijlage|приложение"],
  [1, "part", "part|book|teil|buch|partie|livre|parte|libro|deel|часть|раздел"],
  [2, "chapter", "chapter|kapitel|chapitre|capítulo|capitolo|hoofdstuk|глава"],
  [3, "section", "section|abschnitt|sección|seção|sezione|afdeling"],
  [3, "article", "article|artikel|artículo|artigo|articolo|статья"],
  [3, "clause", "clause|klausel|cláusula|clausola"],
  [3, "paragraph", "paragraph|paragraphe|párrafo|пункт"],
];

const RANK = { upper: 4, decimal: 5, minor: 6 } as const;

const ARABIC = "\\d{1,3}(?:\\.\\d{1,3}){0,5}[a-z]?";
const ANY_NUMBER = `(${ARABIC}|[IVXLC]+|[A-Z](?:\\.\\d{1,3})*)`;
const NAMED_PATTERNS = NAMED.map(
  ([rank, style, words]) =>
    [rank, style, new RegExp(`^(?:${words})\\.?\\s+${ANY_NUMBER}(?![\\p{L}\\p{N}])`, "iu")] as const,
);

const PARAGRAPH_SIGN = /^§+\s*(\d{1,4}[a-z]?)(?![\p{L}\p{N}])/u;

/** `第3章`, `第四条`. */
const CJK = /^第\s*([0-9〇零一二三四五六七八九十百]+)\s*([編编部章節节条條])/u;
const CJK_RANK: Readonly<Record<string, number>> = { 編: 1, 编: 1, 部: 1, 章: 2, 節: 3, 节: 3, 条: 4, 條: 4 };

/** `3.`, `3.1`, `3.1.2.`; a number alone only before a capital, so that `12 months` and years are not matched. */
const DECIMAL = /^(\d{1,3}(?:\.\d{1,3})+)\.?(?=\s|$)|^(\d{1,2})(?:[.)](?=\s|$)|(?=\s+[\p{Lu}\p{Lo}])|$)/u;
const LETTERED = /^([A-Z](?:\.\d{1,3})+)\.?(?=\s|$)/u;
const ROMAN_UPPER = /^([IVXLC]+)[.)](?=\s|$)/u;
const LETTER_UPPER = /^([A-Z])[.)](?=\s|$)/u;
const ENCLOSED = /^(?:\(([a-z]{1,5}|[A-Z]{1,5}|\d{1,2})\)|([a-z]{1,5})[.)])(?=\s|$)/u;

const isRoman = (text: string): boolean => /^[ivxlc]+$/i.test(text);

const named = (heading: string): HeadingNumber | undefined => {
  for (const [rank, style, pattern] of NAMED_PATTERNS) {
    const number = pattern.exec(heading)?.[1];
    if (number) return { style, rank, parts: number.toUpperCase().split(".") };
  }
  const [, sign] = PARAGRAPH_SIGN.exec(heading) ?? [];
  if (sign) return { style: "§", rank: 3, parts: [sign] };
  const [, number, unit] = CJK.exec(heading) ?? [];
  return number && unit ? { style: unit, rank: CJK_RANK[unit] ?? 4, parts: [number] } : undefined;
};

/** Reads `(i)` as a letter after `(h)` and as a Roman numeral otherwise. */
const lettersOrRoman = (
  text: string,
  follows: (style: string, number: string) => boolean,
  style: (kind: "letter" | "roman") => string,
  rank: number,
): HeadingNumber | undefined => {
  const before = String.fromCharCode(text.charCodeAt(0) - 1);
  const isLetter = text.length === 1 && (!isRoman(text) || follows(style("letter"), before));
  const asRoman = isRoman(text) && (/^[ivx]/i.test(text) || follows(style("roman"), ""));
  if (!isLetter && !asRoman && text.length > 1) return undefined;
  return { style: style(isLetter || !asRoman ? "letter" : "roman"), rank, parts: [text] };
};

/**
 * Returns the number that a heading begins with: `3.1 Scope`, `Article 4`, `§ 7`, `IV. Results`, `(a) Rent`, `第3章`.
 *
 * @param follows whether a heading of a style is open and has that number, or any number if it is empty; it tells
 *   `(i)` after `(h)` from `(i)` after `(a)`
 */
export const headingNumber = (
  heading: string,
  follows: (style: string, number: string) => boolean = () => false,
): HeadingNumber | undefined => {
  const text = heading.replace(/^[\s*_#]+/, "");
  const byName = named(text);
  if (byName) return byName;
  const [, several, single] = DECIMAL.exec(text) ?? [];
  const decimal = several ?? single;
  if (decimal) return { style: "decimal", rank: RANK.decimal, parts: decimal.split(".") };
  const [, lettered] = LETTERED.exec(text) ?? [];
  if (lettered) return { style: "letter.", rank: RANK.upper, parts: lettered.split(".") };
  const upper = ROMAN_UPPER.exec(text)?.[1] ?? LETTER_UPPER.exec(text)?.[1];
  if (upper) return lettersOrRoman(upper, follows, (kind) => `${kind}.`, RANK.upper);
  const [, inside, open] = ENCLOSED.exec(text) ?? [];
  const minor = inside ?? open;
  if (!minor) return undefined;
  const form = inside ? "()" : ")";
  if (/\d/.test(minor)) return { style: `digit${form}`, rank: RANK.minor, parts: [minor] };
  const size = minor === minor.toLowerCase() ? "" : "upper ";
  return lettersOrRoman(minor, follows, (kind) => `${size}${kind}${form}`, RANK.minor);
};
