import { onOtherSheets } from "../../documents/cell-references.js";
import type { SegmentDocument } from "../../documents/metadata.js";
import type { BBox } from "../../documents/segment.js";
import { sameItems } from "../../internal/lists.js";
import { isCode } from "../../internal/text/trim.js";
import { endsWithAbbreviation } from "./sentences.js";

/** Marks after the last letter of a text that say nothing about whether its sentence ends. */
const CLOSING = /(?:[\s*_~`"'”’“»«)\]}）」』】¹²³⁴-⁹⁰†‡§]|\[\d{1,3}\])+$/u;
const LAST_CLOSING = /[\s*_~`"'”’“»«)\]}）」』】¹²³⁴-⁹⁰†‡§]/u;
const SENTENCE_END = /[.!?…:。！？：．｡।॥۔؟։።]$/u;

const OPENING = /^[\s*_~`"'“„”«»‘([（「『]+/u;

/** What begins a paragraph of its own: a bullet, a number, a letter, a sign of a heading or of quoted text. */
const MARKER =
  /^\s*(?:[-*+•·▪◦‣–—○●■□☐☑☒✓➢➤>#|]\s|[•▪‣●■□☐☑☒✓➢➤|]|(?:\d{1,3}(?:\.\d{1,3})*[.)]?|[\p{L}]|[ivxlcIVXLC]{1,6})[.)]\s|\d{1,3}(?:\.\d{1,3})+\s|[(（](?:\p{L}|\d{1,3}|[ivxlc]{1,6}|[一二三四五六七八九十]{1,3})[)）]|§|\[\d{1,3}\]|第\s*[\d〇零一二三四五六七八九十百]+\s*[編编部章節节条條]|[一二三四五六七八九十]{1,3}、)/u;

/** Words after which no sentence ends: articles, prepositions and conjunctions. */
const DANGLING = new Set(
  [
    "a an the of in on at by for with from to and or nor but that which whose this these its their his her our your",
    "as than into onto under between among within without against per via shall will may must should be been not",
    "der die das des dem den ein eine einer eines einem einen und oder sowie im am ins vom zum zur von mit für bei",
    "nach über unter durch gegen ohne dass wenn weil ob deren dessen sein seine ihre",
    "le la les un une des du de et ou au aux en dans par pour sur avec sans que qui dont ce cette son sa ses",
    "el los las una del y con para sin su sus al il lo gli di della dei delle e per dal che os um uma do da dos das",
    "em na no com het een van op met voor door aan bij dat",
  ].flatMap((line) => line.split(" ")),
);

/** Scripts without capitals, in which only the end of a sentence is marked. */
const CASELESS =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Devanagari}\p{Script=Bengali}]$/u;

/** Texts of such scripts that are shorter may be labels, which have no end either. */
const LEAST_CASELESS = 20;

const CONTINUED = new Set(["Text", "ListItem", "Footnote"]);

/** Returns the last letter, sign or figure of a text and what is before it. */
const withoutClosing = (text: string): string =>
  // Most texts end without such a mark, and a pattern for the end of a text is tried at each of its characters.
  LAST_CLOSING.test(text.slice(-1)) ? text.replace(CLOSING, "") : text;

/** Tells whether the sentence at the end of a text may continue elsewhere. */
export const endsOpen = ({ pageContent, metadata }: SegmentDocument): boolean => {
  if (!CONTINUED.has(metadata.segment_type)) return false;
  // The end is all that is looked at, because texts may be long.
  const end = withoutClosing(pageContent.slice(-200));
  return end !== "" && (!SENTENCE_END.test(end.slice(-1)) || endsWithAbbreviation(end));
};

const isBeside = (first: BBox, second: BBox): boolean =>
  second.left >= first.left + first.width / 2 || second.left + second.width <= first.left + first.width / 2;

/** Tells whether a column or page ends between two segments, or something stands between them that is no text. */
const isBroken = ({ metadata: a }: SegmentDocument, { metadata: b }: SegmentDocument): boolean => {
  if (b.page_number !== a.page_number) return b.page_number > a.page_number;
  if (b.segment_index > a.segment_index + 1) return true;
  if (!a.bbox || !b.bbox) return false;
  return b.bbox.top < a.bbox.top + a.bbox.height && isBeside(a.bbox, b.bbox);
};

/** Tells whether a text begins in the middle of a sentence that a text before it left open. */
const goesOn = (before: string, after: string): boolean => {
  const end = withoutClosing(before.slice(-200));
  const begin = after.slice(0, 200);
  if (MARKER.test(begin)) return false;
  const first = begin.replace(OPENING, "");
  if (/^\p{Ll}/u.test(first) || /^[,;)\]!?%”»’…]/u.test(begin.trimStart())) return true;
  if (endsWithAbbreviation(end)) return /^\p{N}/u.test(first);
  const [letter = ""] = first;
  const last = end.slice(-1);
  if (CASELESS.test(letter)) return CASELESS.test(last) && before.length >= LEAST_CASELESS;
  if (!/^[\p{L}\p{N}]/u.test(letter)) return false;
  const word = /(?<![\p{L}\p{N}])\p{L}+$/u.exec(end)?.[0];
  return /,$|\p{L}[-\u2010]$/u.test(end) || (word !== undefined && DANGLING.has(word));
};

/**
 * Tells whether a segment continues the sentence of another over the end of a column or page, or past a figure:
 * the first text ends without the end of a sentence, and the second begins without a beginning.
 */
export const continues = (before: SegmentDocument, next: SegmentDocument): boolean => {
  const [a, b] = [before.metadata, next.metadata];
  const isKind =
    CONTINUED.has(b.segment_type) && (a.segment_type === "Footnote") === (b.segment_type === "Footnote");
  return (
    isKind &&
    isBroken(before, next) &&
    endsOpen(before) &&
    sameItems(a.section_path, b.section_path) &&
    !onOtherSheets(a.cell_references, b.cell_references) &&
    goesOn(before.pageContent, next.pageContent) &&
    !isCode(before.pageContent) &&
    !isCode(next.pageContent)
  );
};
