/** A raised or lowered text longer than this is a text of its own, not a note, a power or an index. */
const MAX_LENGTH = 14;

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  "0": "⁰",
  "1": "¹",
  "2": "²",
  "3": "³",
  "4": "⁴",
  "5": "⁵",
  "6": "⁶",
  "7": "⁷",
  "8": "⁸",
  "9": "⁹",
  "+": "⁺",
  "-": "⁻",
  "−": "⁻",
  "–": "⁻",
};

const superscript = (text: string): string => [...text].map((sign) => SUPERSCRIPTS[sign] ?? sign).join("");

/** Signs that cannot be taken for figures, so that they need no distance. */
const SIGNS = /^[*†‡§¶#®™©℠°º˚′″'’+\-−–]+$/u;
const MARKS: Readonly<Record<string, string>> = { TM: "™", SM: "℠", R: "®", C: "©" };

const ORDINAL = /^(?:st|nd|rd|th|er|ère|re|e|ème|eme|ième|es|ste|de|ος|η)$/i;
const INTEGER_END = /(?:^|[^\p{L}\p{N}.,])\p{Nd}{1,4}$/u;

const GROUPED_END = /(?:^|[^\p{L}\p{N}.,])\p{Nd}{1,3}(?:[,.'’]\p{Nd}{3})+$/u;

const DIGIT_END = /\p{Nd}$/u;
const WORD_END = /\p{L}+$/u;

/** The bases of powers: ten, also after a sign of multiplication, and two with an exponent of several digits. */
const TEN_END = /(?:^|[^\p{L}\p{N}.,]|(?<=[\d\s])[xX])10$/u;
const TWO_END = /(?:^|[^\p{L}\p{N}.,])2$/u;
const EXPONENT = /^(?:[+\-−–]?\d{1,4}|[nkxmi])$/;

/** Units that are squared or cubed, or stand below a fraction bar as `s⁻¹`. */
const UNITS = new Set(
  "m mm cm dm km nm µm μm in ft yd mi s h d min sec hr day g kg mg µg μg mol l L ml mL J K N W V A Pa kW kWh cd sr ha lb".split(
    " ",
  ),
);
const VARIABLE = /^(?:\p{Ll}|[RX]|\p{Script=Greek})$/u;
const ROMAN = /^[IVXLCDM]+$/;
/** Functions whose power stands behind their name: sin²x. */
const FUNCTION = /^(?:a|ar|arc)?(?:sin|cos|tan|cot|csc|sec)h?$|^(?:log|ln|lg)$/;
/** A product of variables: of two alphabets, as in πr², or of two letters in an equation, as in E = mc². */
const TWO_ALPHABETS = /^(?=.*\p{Script=Greek})(?=.*\p{Script=Latin})\p{L}{2,3}$/u;
const EQUATION_PRODUCT = /[=+½]\s?(?!no|na|nd|or|of|in|on|at|to|by|as|is|if|it|up)\p{Ll}{2}$/u;
/** A figure in scientific notation before its exponent. */
const SCIENTIFIC_END = /\p{Nd}\.\p{Nd}+[Ee]$/u;
/** A deviation or an exponent, which a note never is. */
const SIGNED_FIGURE = /^[+\-−–±]\s?\p{Nd}+(?:[.,]\p{Nd}+)*\s?%?$/u;
const SIGNED_DECIMAL = /^[+\-−–±]\s?\p{Nd}*[.,]\p{Nd}+\s?%?$/u;

/** Brackets around a calculation, not around words. */
const CALCULATION_END = /\((?:[^()]*[^\p{L}()])?\p{L}?\s*[+\-−*/·×]\s*[^()]{1,12}\)$/u;
const OPERATION = /[\p{L}\p{Nd})]\s*[+\-−×·*/=]\s*[\p{L}\p{Nd}(]/u;
const SIGNED_VARIABLE = /^[+\-−–]\s?\p{L}[\p{L}\p{N}]*$/u;
const NOTE_RANGE = /^(?:\d{1,3}\s*[-–]\s*\d{1,3}|[a-z]\s*[-–]\s*[a-z])$/i;

/** Marks of isotopes, such as ¹⁴C. */
const ISOTOPE = /^\d{1,3}m?$/;
const ELEMENT =
  /^(?:H|He|C|N|O|F|P|S|K|Ca|Co|Cr|Cs|Ga|I|In|Kr|Pb|Po|Pu|Ra|Rb|Rn|Sr|Tc|Th|Tl|U|Xe|Y|Am)(?!\p{L})/u;

const isBlankOrOpening = (text: string): boolean => text === "" || /[\s([{"'“‘|/]$/u.test(text);

/** Keeps the digits at the end of a power or an index apart from a figure. */
const apartFromFigure = (text: string, next: string): string =>
  /[\p{Nd}⁰¹²³⁴-⁹]$/u.test(text) && /^\p{Nd}/u.test(next) ? `${text} ` : text;

/** Keeps the letters and digits at the end of a power apart from the term after it. */
const apartFromTerm = (text: string, next: string): string =>
  /^\^.*[\p{L}\p{Nd}]$/u.test(text) && /^\p{L}/u.test(next) ? `${text} ` : apartFromFigure(text, next);

/** Adds blanks where a text would run into the words or figures beside it. */
export const apart = (before: string, text: string, next: string): string =>
  `${isBlankOrOpening(before) ? "" : " "}${text}${/^[\p{L}\p{N}([{$€£¥]/u.test(next) ? " " : ""}`;

const note = (before: string, raised: string, next: string): string => {
  // Its brackets may be raised on their own.
  if (before.endsWith("[")) return raised;
  // Round brackets beside a figure would be a count or a loss; so all notes are in square ones.
  const inner = /^\[.*\]$/.test(raised) ? raised : `[${raised.replace(/^\(?([^()]*)\)$/, "$1").trim()}]`;
  return apart(before, inner.replace(/[\s,;]+\]$/, "]"), next);
};

/** Writes the power of a term in a formula, where nothing raised is a note. */
export const writePower = (raised: string, next: string): string => {
  if (/^[′″*†°]+$/u.test(raised)) return raised;
  return apartFromTerm(/^[+\-−]?[\p{L}\p{N}.]+$/u.test(raised) ? `^${raised}` : `^(${raised})`, next);
};

/** Writes what is raised after a word, if it is no note. @param before the text up to the end of the word */
const afterWord = (word: string, raised: string, before: string): string | undefined => {
  if (/^\d{0,2}[+\-−–]$/.test(raised)) return superscript(raised);
  const isExponent = /^[+\-−–]\d{1,2}$|^[2-9]$/.test(raised);
  if (isExponent) {
    if (UNITS.has(word) || VARIABLE.test(word)) return superscript(raised);
    if (TWO_ALPHABETS.test(word) || EQUATION_PRODUCT.test(before)) return superscript(raised);
    if (FUNCTION.test(word)) return `^${raised}`;
    if (SCIENTIFIC_END.test(before)) return raised;
  }
  if (raised === "T" && /^\p{Lu}$/u.test(word)) return `^${raised}`;
  if (VARIABLE.test(word) && /^[\p{Ll}T]$/u.test(raised) && word !== raised && !/^[nN]$/.test(word))
    return `^${raised}`;
  if (/^[nN]$/.test(word) && /^[oº°]s?$/.test(raised)) return raised.replace(/^[o°]/, "º");
  if (ROMAN.test(word) && ORDINAL.test(raised)) return raised;
  return /^\p{Ll}{2,5}$/u.test(raised) ? raised : undefined;
};

/** Writes what is raised after a figure, if it is no note. */
const afterFigure = (before: string, raised: string, next: string): string | undefined => {
  if (/^[o0]$/.test(raised) && /^\s?[CFK](?!\p{L})/u.test(next)) return "°";
  if (TEN_END.test(before) && EXPONENT.test(raised)) return `^${raised}`;
  if (TWO_END.test(before) && /^(?:\d{2,3}|n)$/.test(raised)) return `^${raised}`;
  if (/^[+\-−–]\d{1,3}$|^\d[+\-−–]$/.test(raised)) return `^${raised}`;
  if (INTEGER_END.test(before)) {
    if (ORDINAL.test(raised)) return raised;
    if (/^[oº]s?$/.test(raised)) return raised.replace("o", "º");
  }
  if (GROUPED_END.test(before) && /^(?:st|nd|rd|th)$/i.test(raised)) return raised;
  return undefined;
};

/** A slash and a denominator, which may be lowered and so not in the text that is next. */
const DENOMINATOR = /^\s?(?:⁄|[/∕]\s?(?:\p{Nd}|$))/u;

/** Writes a numerator, unless it is the exponent of a unit. */
const writeNumerator = (before: string, raised: string, next: string): string | undefined => {
  if (!/^\p{Nd}+$/u.test(raised) || !DENOMINATOR.test(next)) return undefined;
  const word = WORD_END.exec(before)?.[0];
  if (word && afterWord(word, raised, before)) return undefined;
  return DIGIT_END.test(before) ? ` ${raised}` : raised;
};

/**
 * Writes a raised text so that it does not run into what it is raised above.
 *
 * Powers are written `10^6`, `m²` and `x^n`, ordinals and abbreviations `1st` and `Mme`, signs as they are. Everything
 * else is a note and is written `1,204 [2]`. A plain `1,204²` would not do: normalization for search (Unicode NFKC)
 * makes it 1,2042, and `(2)` would be a count or a loss beside a figure.
 *
 * @param before the end of the text before it
 * @param raised the raised text, not empty and without blanks around it
 * @param next the beginning of the text after it
 * @param above the end of the text before a lowered text that both are beside, as in x₁²
 */
export const writeRaised = (before: string, raised: string, next: string, above?: string): string => {
  const numerator = writeNumerator(before, raised, next);
  if (numerator !== undefined) return numerator;
  // Marks of emphasis in Markdown stand between a figure and its note.
  const base = before.replace(/(?<=[^\s*_])[*_]+$/, "");
  const mark = MARKS[raised.replace(/^\((.*)\)$/, "$1")];
  if (mark && WORD_END.test(base)) return mark;
  if (SIGNS.test(raised)) return raised;
  if (/^[\p{P}\s]+$/u.test(raised)) return /^[\s()[\]]{2,}$/.test(raised) ? "" : raised;
  const variable = WORD_END.exec(above ?? "")?.[0];
  if (variable && VARIABLE.test(variable) && afterWord(variable, raised, ""))
    return apartFromTerm(`^${raised}`, next);
  if (isBlankOrOpening(base) && ISOTOPE.test(raised) && ELEMENT.test(next)) return superscript(raised);
  const isTerm = raised.includes("^") || SIGNED_VARIABLE.test(raised) || OPERATION.test(raised);
  if (isTerm && raised.length <= MAX_LENGTH && !NOTE_RANGE.test(raised) && /[\p{L}\p{N})\]]$/u.test(base))
    return apartFromFigure(`^${/^[\p{L}\p{N}^]+$/u.test(raised) ? raised : `(${raised})`}`, next);
  if (raised.length > MAX_LENGTH && /[^\d\s,;–\-()[\]]/.test(raised)) return apart(before, raised, next);
  const word = WORD_END.exec(base)?.[0];
  const known = word
    ? afterWord(word, raised, base)
    : DIGIT_END.test(base)
      ? afterFigure(base, raised, next)
      : CALCULATION_END.test(base) && /^[+\-−–]?\d{1,2}$|^n$/.test(raised)
        ? `^${raised}`
        : undefined;
  if (known !== undefined) return apartFromTerm(known, next);
  // A range of notes may be raised in two pieces.
  if (!SIGNED_FIGURE.test(raised) || /\]$/.test(base)) return note(before, raised, next);
  return /[\p{L})]$/u.test(base) || TEN_END.test(base)
    ? apartFromTerm(`^${raised}`, next)
    : apart(before, raised, next);
};

/**
 * Writes a lowered text. It is part of its word (`H2O`, `Vmax`), and kept apart from a figure (`1010_2`, `log2 8`).
 *
 * @param before the end of the text before it
 * @param lowered the lowered text, not empty and without blanks around it
 * @param next the beginning of the text after it
 */
export const writeLowered = (before: string, lowered: string, next: string): string => {
  const text = apartFromFigure(lowered, next);
  if (isBlankOrOpening(before)) return text;
  if (SIGNED_DECIMAL.test(lowered) && DIGIT_END.test(before)) return apart(before, lowered, next);
  if (lowered.length > MAX_LENGTH && /\s/.test(lowered)) return ` ${text}`;
  if (/[\p{L}\p{M})\]}′'/⁄∕]$/u.test(before)) return text;
  return /^[\p{L}\p{N}]+$/u.test(lowered) ? `_${text}` : `_(${lowered})`;
};
