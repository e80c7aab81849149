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
  [
    0,
    "annex",
    "annex|annexe|appendix|app|schedule|exhibit|attachment|anlage|anhang|anexo|apéndice|allegato|appendice|bijlage|bilaga|bilag|załącznik|příloha|ek|приложение|παράρτημα",
  ],
  [1, "part", "part|book|volume|teil|buch|partie|livre|parte|libro|deel|część|kısım|часть|μέρος"],
  [1.5, "title", "title|titre|titel|título|titolo|tytuł|раздел|τίτλος"],
  [
    2,
    "chapter",
    "chapter|chap|ch|kapitel|kap|chapitre|capítulo|cap|capitolo|hoofdstuk|rozdział|kapitola|bölüm|глава|κεφάλαιο",
  ],
  [2, "item", "item"],
  [3, "section", "section|sec|sect|abschnitt|abschn|sección|seção|sezione|afdeling|avsnitt|oddział|ενότητα"],
  [3, "article", "article|art|artikel|artículo|artigo|articolo|artykuł|článek|madde|статья|άρθρο"],
  [3, "clause", "clause|klausel|cláusula|clausola"],
  [3, "paragraph", "paragraph|paragraphe|párrafo|пункт|παράγραφος"],
  [4, "note", "note|anmerkung|nota"],
];

const RANK = { upper: 4, decimal: 5, minor: 6 } as const;

const ARABIC = "\\d{1,3}(?:\\.\\d{1,3}){0,5}[a-z]?";
const ANY_NUMBER = `(${ARABIC}|[IVXLC]+|[A-Z](?:\\.\\d{1,3})*)`;
const NAMED_PATTERNS = NAMED.map(
  ([rank, style, words]) =>
    [rank, style, new RegExp(`^(?:${words})\\.?\\s+${ANY_NUMBER}(?![\\p{L}\\p{N}])`, "iu")] as const,
);

const PARAGRAPH_SIGN = /^§+\s*(\d{1,4}[a-z]?)(?![\p{L}\p{N}])/u;

/** `第3章`, `第四条`, `제2조`. */
const CJK = /^[第제]\s*([0-9〇零一二三四五六七八九十百]+)\s*([編编部章節节条條款편부장절관조])/u;
const CJK_RANKS = ["編编部편부", "", "章장", "節节절", "条條관조款"];

/** `附件二`, `附录A`, `別表1`. */
const CJK_ANNEX =
  /^(?:附件|附录|附錄|附表|付録|別紙|別表|별표|부록|별첨)\s*([0-9A-Z一二三四五六七八九十]{1,3})/u;

/** `一、` and `（二）`, of which the first contains the second. */
const CJK_LISTED = /^([一二三四五六七八九十]{1,3})[、．]|^\(([一二三四五六七八九十]{1,3})\)/u;

/** `3.`, `3.1`, `3.1.2.`; a number alone only before a capital, so that `12 months` and years are not matched. */
const DECIMAL = /^(\d{1,3}(?:\.\d{1,3})+)\.?(?=\s|$)|^(\d{1,2})(?:[.)](?=\s|$)|(?=\s+[\p{Lu}\p{Lo}])|$)/u;
const LETTERED = /^([A-Z](?:\.\d{1,3})+)\.?(?=\s|$)/u;
const ROMAN_UPPER = /^([IVXLC]+)[.)](?=\s|$)/u;

/** `IV Results`; a single letter only if it continues the count, and `I`, which begins it, before a capital. */
const ROMAN_BARE = /^([IVX]+)(?=\s+(?:[–—-]\s+)?\p{Lu})/u;
const ROMAN_NUMBERS = "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX".split(" ");
const LETTER_UPPER = /^([A-Z])[.)](?=\s|$)/u;
const ENCLOSED = /^(?:\(([a-z]{1,5}|[A-Z]{1,5}|\d{1,2})\)|([a-z]{1,5})[.)])(?=\s|$)/u;

const isRoman = (text: string): boolean => /^[ivxlc]+$/i.test(text);

const named = (heading: string): HeadingNumber | undefined => {
  for (const [rank, style, pattern] of NAMED_PATTERNS) {
    const number = pattern.exec(heading)?.[1];
    // A letter or numeral of small letters is a word: `Note a change`, `Part civil`.
    const isWord = number !== undefined && /^\p{Ll}|\p{L}\p{Ll}/u.test(number);
    if (number && !isWord) return { style, rank, parts: number.toUpperCase().split(".") };
  }
  const [, sign] = PARAGRAPH_SIGN.exec(heading) ?? [];
  if (sign) return { style: "§", rank: 3, parts: [sign] };
  const annex = CJK_ANNEX.exec(heading)?.[1];
  if (annex) return { style: "annex", rank: 0, parts: [annex] };
  const [, number, unit] = CJK.exec(heading) ?? [];
  if (number && unit)
    return { style: unit, rank: CJK_RANKS.findIndex((units) => units.includes(unit)) + 1, parts: [number] };
  const [, listed, enclosed] = CJK_LISTED.exec(heading) ?? [];
  if (listed) return { style: "一、", rank: RANK.upper, parts: [listed] };
  return enclosed ? { style: "（一）", rank: RANK.upper + 0.5, parts: [enclosed] } : undefined;
};

/** Reads a Roman numeral without a stop: `II Methods`. */
const bareRoman = (
  heading: string,
  follows: (style: string, number: string) => boolean,
): HeadingNumber | undefined => {
  const numeral = ROMAN_BARE.exec(heading)?.[1];
  const place = numeral ? ROMAN_NUMBERS.indexOf(numeral) : -1;
  if (!numeral || place < 0) return undefined;
  const isCounted = place === 0 || numeral.length > 1 || follows("roman.", ROMAN_NUMBERS[place - 1] ?? "");
  return isCounted ? { style: "roman.", rank: RANK.upper, parts: [numeral] } : undefined;
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
  const text = heading.replace(/^[\s*_#]+/, "").normalize("NFKC");
  const byName = named(text);
  if (byName) return byName;
  const [, several, single] = DECIMAL.exec(text) ?? [];
  const decimal = several ?? single;
  if (decimal) return { style: "decimal", rank: RANK.decimal, parts: decimal.split(".") };
  const [, lettered] = LETTERED.exec(text) ?? [];
  if (lettered) return { style: "letter.", rank: RANK.upper, parts: lettered.split(".") };
  const upper = ROMAN_UPPER.exec(text)?.[1] ?? LETTER_UPPER.exec(text)?.[1];
  if (upper) return lettersOrRoman(upper, follows, (kind) => `${kind}.`, RANK.upper);
  const roman = bareRoman(text, follows);
  if (roman) return roman;
  const [, inside, open] = ENCLOSED.exec(text) ?? [];
  const minor = inside ?? open;
  if (!minor) return undefined;
  const form = inside ? "()" : ")";
  if (/\d/.test(minor)) return { style: `digit${form}`, rank: RANK.minor, parts: [minor] };
  const size = minor === minor.toLowerCase() ? "" : "upper ";
  return lettersOrRoman(minor, follows, (kind) => `${size}${kind}${form}`, RANK.minor);
};
