import { foldFigure } from "./fold-figure.js";
import { isMonth } from "./month-names.js";

/**
 * The kind of a cell.
 *
 * - `empty`: nothing, a dash, `n/a` and the like, with or without a currency
 * - `number`: an amount, `a ± b`, `a (b)`, with sign, currency, unit and notes
 * - `range`: `a–b`, `a to b`; also a score
 * - `ratio`: `a/b`; also a code such as `583/2014`
 * - `year`: a year, years, or a period named by its year
 * - `date`: a day, or a month
 * - `time`: a time of day or a duration, `9:41` or `1:02:03`
 * - `code …`: another text with digits, by its shape, such as `code a9`; or an address
 * - `text`: words
 */
export type Kind =
  | "empty"
  | "number"
  | "range"
  | "ratio"
  | "year"
  | "date"
  | "time"
  | "text"
  | `code ${string}`;

const CURRENCY = [
  String.raw`(?:US|AU|CA|NZ|HK|NT|[ACSRNT])?\$(?:[mbk](?![a-z]))?`,
  `[mkbT]?[€£¥₹₩₽₺₴₦₫฿₪₱₡₲₵₸₮₭៛﷼¢](?:[mbk](?![a-z]))?`,
  "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|AUD|CAD|NZD|SGD|HKD|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|RUB|UAH|TRY|BRL|MXN|ZAR",
  "KRW|TWD|THB|IDR|MYR|PHP|VND|AED|SAR|QAR|KWD|ILS|EGP|NGN|KES|MAD|ARS|CLP|COP|PEN|TEUR|TUSD|TCHF|DM|Rs\\.?|kr\\.?|zł|Kč|Ft|lei|руб\\.?",
].join("|");

/** Digits, grouped by any convention: `1,234.5`, `1.234,5`, `1 234,5`, `1'234.5`, `12,34,567`, `1234.5`, `.5`. */
const AMOUNT = [
  String.raw`\d{1,3}(?:,\d{3})+(?:\.\d+)?`,
  String.raw`\d{1,3}(?:\.\d{3})+(?:,\d+)?`,
  String.raw`\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?`,
  String.raw`\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?`,
  String.raw`\d+ \d{1,2}/\d{1,2}`,
  String.raw`\d+(?:[.,·]\d+)?`,
  String.raw`[.,]\d+`,
].join("|");

const EXPONENT = String.raw`(?: ?[x×*·] ?10(?:\^\{?|\*\*)?[-+]?\d+\}?|[eE][-+]?\d+|\^[-+]?\d+)`;

/** What is measured, counted or multiplied; units of time are left out, because names such as `24 h` have them. */
const UNIT = [
  String.raw`%(?:-?(?:p|pts?|points?))?\.?|‰|‱|pp|ppm|ppb|p\.p\.|bps?|basis points?|per cent|percent|Prozent`,
  `(?:million|billion|trillion|thousand|crore|lakh)s?|Mio|Mrd|Mill|Tsd|mln|mrd|mld|bn|mn|tn|thsd?`,
  `°(?: ?[CFK])?|[万億亿兆千百]*(?:円|元|원|人|名|株|社|件|個|台|つ|户|吨)|[万億亿兆]`,
  String.raw`(?!(?:[Ss]e?c?|[Mm]in|[Hh]r?s?|[Dd]|[Ww]ks?|[Mm]on?s?|[Yy]r?s?|st|nd|rd|th)(?![\p{L}/]))(?:[µμ]?\p{L}{1,3}|[mnpµμ]mol|mmHg|kcal|mOsm|cells|copies)(?:\^?\d)?(?:[/·](?:\p{L}{1,3}|mmol|hour|week|year)(?:\^?\d)?){0,2}\.?(?!\p{L})|/(?:mm\^?\d|[µμmdn]?[lL])`,
  CURRENCY,
].join("|");

const SIGN = String.raw`[-+±~<>≈≤≥=]|<=|>=|\+/-`;
const ABOUT = String.raw`ca\.?|c\.|approx\.?`;
const SIGNS = `(?:(?:${SIGN}|${ABOUT}) ?){0,2}`;
const UNITS = `(?: ?(?:${UNIT}))?(?: (?:${CURRENCY}|%))?`;
const VALUE = `${SIGNS}(?:(?:${CURRENCY}) ?)?${SIGNS}(?:${AMOUNT})${EXPONENT}?-?${UNITS}`;
/** A value; one in brackets is negative. */
const ITEM = String.raw`(?:(?:${CURRENCY}) ?)?(?:\( ?${VALUE} ?\)${UNITS}|${VALUE})`;

/** References to notes: stars and daggers, `(1)`, `[a]`, raised digits. */
const NOTE = String.raw`(?: ?(?:[*†‡§¶#]+|\([*†‡\dA-Za-z]{1,3}\)|\[[*†‡\dA-Za-z, ]{1,6}\]|\^\{?[\da-zA-Z,*]{1,5}\}?))*`;
/** What is said of a value in brackets: another one, a share, an interval, `n = 12`. */
const INSIDE = String.raw`(?: ?[([][^()[\]]*\d[^()[\]]*[)\]])?`;

const whole = (pattern: string, flags = "u"): RegExp => new RegExp(`^(?:${pattern})$`, flags);

const NUMBER = whole(String.raw`${ITEM}(?: ?(?:±|\+/-|\+-) ?${ITEM})?${INSIDE}${NOTE}`);
const RANGE = whole(String.raw`[([]?${ITEM} ?(?:-|~|to|bis|до|至|から|à|;|,) ?${ITEM}[)\]]?${INSIDE}${NOTE}`);
const RATIO = whole(`${ITEM}(?: ?/ ?${ITEM})+${INSIDE}${NOTE}`);
const TIME = whole(
  String.raw`[-+]?\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d+)?(?: ?[aApP]\.?[mM]\.?| ?h| ?Uhr)?${NOTE}`,
);

const FOUR = String.raw`(?:1[89]|20)\d\d`;
const YEARS = String.raw`${FOUR}(?: ?[-/] ?(?:${FOUR}|\d\d))?`;
/** What a year may be given with: a forecast, a unit, something in brackets. */
const OF_YEAR = String.raw`(?: ?[AEFPB]| ?年度?| ?년도?| ?هـ| ?r\.| ?год[а-я]*| ?г\.?г?\.?| ?(?:in )?(?:${CURRENCY}|%)(?: ?'?0{3}s?| ?(?:[mkb]n?|Mio|Mrd|million)\.?)?| ?\([^()]{1,24}\)| ?\[[^[\]]{1,12}\])?`;
const YEAR_WORD = String.raw`(?:in|year|fiscal|fiscal year|FYE?|CY|MY|SY|AY|Jahr|GJ|année|exercice|anno|esercizio|año|ejercicio|ano|год|jaar|år|ended|AD)\.?`;
const PERIOD = `(?:[QTHS][1-4]|[1-4][QTHS]|[1369]{1,2}M|1[28]M|FYE?|CY)`;
const ERA = "令和|平成|昭和|民國|民国";
const YEAR = whole(
  [
    String.raw`(?:${YEAR_WORD} ?)*[('"]?${YEARS}\)?${OF_YEAR}`,
    String.raw`1[34]\d\d ?هـ`,
    String.raw`${PERIOD}[- /']*(?:FY ?)?(?:${FOUR}|\d\d)${OF_YEAR}`,
    String.raw`(?:${FOUR}|\d\d)[- /]${PERIOD}${OF_YEAR}`,
    String.raw`\d{2,4} ?年 ?(?:度|\d{1,2} ?月期|第? ?\d ?四半期|上半年|下半年)?(?: ?\([^()]{1,24}\))?`,
    String.raw`(?:${ERA}) ?\d{1,3} ?年度?(?:\d{1,2}月期)?`,
  ]
    .map((form) => `(?:${form})${NOTE}`)
    .join("|"),
  "iu",
);

/** What every year has, and fewer other texts. */
const YEAR_SIGN = /\d\d|[年和成國国]/;

/** `M` stands for the name of a month. */
const DAY = String.raw`\d{1,2}(?:st|nd|rd|th|er|º|\.)?`;
const DAYS = `${DAY}(?: ?[-/&] ?${DAY})?`;
const CLOCK = String.raw`(?:,?[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]m|Z)?)?`;
const DAY_FORMS = [
  String.raw`\d{4}[-/.] ?\d{1,2}[-/.] ?\d{1,2}\.?`,
  String.raw`\d{1,2}(?<between>[-/.]|\. )\d{1,2}\k<between>(?:\d{4}|\d{2})`,
  String.raw`\d{1,2}\.\d{1,2}\.`,
  `(?:0?[1-9]|1[0-2])[-/.]${FOUR}`,
  `${FOUR}[-/.](?:0[1-9]|1[0-2])`,
  String.raw`${DAYS}[- ]?(?:de |of )?M\.?(?:[-,. ]+(?:de |del )?'?(?:\d{4}|\d{2}))?`,
  String.raw`${DAYS}[- ]?M\.? ?[-/] ?${DAYS}[- ]?M\.?(?:[-,. ]+'?(?:\d{4}|\d{2}))?`,
  String.raw`M\.? ?${DAYS}(?:[,. ]+\d{4})?`,
  String.raw`M[-,./ ']*(?:de |del )?(?:\d{4}|\d{2})`,
  String.raw`(?:\d{4}|\d{2})[-/ ]M\.?(?:[- ]\d{1,2})?`,
  String.raw`(?:\d{2,4} ?[年년] ?)?\d{1,2} ?[月월](?: ?\d{1,2} ?[日일])?(?:末|現在)?`,
];
const DATE_WORD = `(?:as (?:of|at)|at|on|per|till|until|from|since|am|zum|Stand|ab|bis|vom|von|au|le|al|il|el|на|W)[. ]`;
const DATE = whole(
  `(?:${DATE_WORD}[. ]*)?(?:${DAY_FORMS.join("|")})${CLOCK}(?: ?\\([^()]{1,24}\\))?${NOTE}`,
  "iu",
);
/** What every date has, and few other texts. */
const DATE_SIGN = /\d[-./] ?\d|\d ?[月월]|M/;
const WEEKDAY =
  /^(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim)\p{L}{0,7}\.?,? /iu;
const WORD = /\p{L}[\p{L}\p{M}]*/gu;

const CURRENCY_ONLY = `(?:${CURRENCY})?`;
const EMPTY_MARK = String.raw`[-.*·?_]+|n[/.]?[admrv]\.?|n\.? ?[adm]\.|k\.? ?A\.|s\.? ?o\.|none|nil|null|なし|該当なし`;
const EMPTY = whole(String.raw`\(?${CURRENCY_ONLY} ?(?:${EMPTY_MARK}) ?(?:%|${CURRENCY})?\)?`, "iu");
/** What figures are given in, such as `$'000`. */
const THOUSANDS = whole(String.raw`[([]?(?:in )?(?:${CURRENCY})? ?'?(?:000)+'?s?[)\]]?`, "iu");

/** What figures begin with, unless it is the name of a month or of a day. */
const OPENING = new RegExp(
  `^(?:\\P{L}|${CURRENCY}|${ABOUT}|in |${YEAR_WORD}|${PERIOD}|${ERA}|${DATE_WORD}|M(?!\\p{L}))`,
  "iu",
);
const FIRST_WORD = /^\p{L}[\p{L}\p{M}]*/u;

/** Tells whether a text may be a figure by how it begins: most texts with digits begin with a word. */
const beginsAsFigure = (folded: string): boolean =>
  OPENING.test(folded) || isMonth(FIRST_WORD.exec(folded)?.[0] ?? "") || WEEKDAY.test(folded);

/** E-mail and web addresses. */
const MAIL = /^\S+@\S+\.\S+$/;
const WEB = /^(?:https?:\/\/|www\.)\S+$/i;

/** The longest text that is a figure, and the longest that is a code. */
const MAX_FIGURE = 48;
const MAX_CODE = 24;

const withMonths = (folded: string): string =>
  /[^\W\d]|[^ -~]/.test(folded) ? folded.replace(WORD, (word) => (isMonth(word) ? "M" : word)) : folded;

const isDay = (text: string): boolean => DATE_SIGN.test(text) && DATE.test(text);

/** Tells whether a text is a date. Months are looked for first, as `mar` is the beginning of March and of martedì. */
const isDate = (folded: string): boolean =>
  isDay(withMonths(folded).replace(WEEKDAY, "")) ||
  (WEEKDAY.test(folded) && isDay(withMonths(folded.replace(WEEKDAY, ""))));

const shapeOf = (text: string): string => text.replace(/\p{L}+/gu, "a").replace(/\d+/g, "9");

const figureKind = (folded: string): Kind | undefined => {
  if (!beginsAsFigure(folded)) return undefined;
  // No other figure has a colon after its first digits.
  if (/^[-+]?\d+:/.test(folded)) return TIME.test(folded) ? "time" : undefined;
  if (YEAR_SIGN.test(folded) && YEAR.test(folded)) return "year";
  if (isDate(folded)) return "date";
  if (folded.includes("000") && THOUSANDS.test(folded)) return "text";
  if (NUMBER.test(folded)) return "number";
  if (RATIO.test(folded)) return "ratio";
  if (RANGE.test(folded)) return "range";
  return TIME.test(folded) ? "time" : undefined;
};

/** What most figures are, recognised without the whole grammar. */
const PLAIN_NUMBER =
  /^(?!\(?(?:1[89]|20)\d\d(?: %|\)))\(?-?[$€£¥]? ?(?:\d{1,3}(?:,\d{3})*|\d+)(?:\.\d+)? ?%?\)?$/;
const PLAIN_YEAR = /^(?:1[89]|20)\d\d$/;

/** The longest text that says that there is nothing. */
const MAX_EMPTY = 12;

const isEmpty = (text: string): boolean => {
  if (text.length > MAX_EMPTY) return false;
  const folded = foldFigure(text).trim();
  return folded === "" || EMPTY.test(folded);
};

const hasDigit = (text: string): boolean =>
  /\d/.test(text) || (/[^ -~]/.test(text) && /\p{Nd}|[⁰-⁹¹²³¼-¾⅐-⅞]/u.test(text));

/** Classifies the text of a cell. */
export const kindOf = (text: string): Kind => {
  if (text === "") return "empty";
  if (PLAIN_YEAR.test(text)) return "year";
  if (PLAIN_NUMBER.test(text)) return "number";
  if (WEB.test(text) || (text.includes("@") && MAIL.test(text))) return "code address";
  if (!hasDigit(text)) return isEmpty(text) ? "empty" : "text";
  if (text.length > MAX_FIGURE) return "text";
  const folded = foldFigure(text).trim();
  return figureKind(folded) ?? (folded.length <= MAX_CODE ? `code ${shapeOf(folded)}` : "text");
};

const FIGURES: ReadonlySet<string> = new Set(["number", "range", "ratio", "year", "date", "time"]);

/** Tells whether a kind is one of figures, years and dates included. */
export const isFigure = (kind: Kind | "mixed"): boolean => FIGURES.has(kind);

/** Tells whether cells of this kind are not words, so that words above them are column names. */
export const isData = (kind: Kind | "mixed"): boolean => isFigure(kind) || kind.startsWith("code ");

/** Reads a whole number below 1,000 without a unit, for counting; `undefined` for anything else. */
export const integerOf = (text: string): number | undefined => {
  const folded = foldFigure(text).trim();
  const digits = /^(?:\d{1,3}|\(\d{1,2}\))$/.test(folded) ? folded.replace(/[()]/g, "") : "";
  return digits === "" ? undefined : Number(digits);
};
