import { BLOCK_ELEMENTS } from "./elements.js";

type Attributes = Readonly<Record<string, string>>;

const STRUCK = new Set(["del", "s", "strike"]);
const STRUCK_STYLE = /text-decoration(?:-line)?\s*:[^;]*line-through/i;
const UNSEEN_STYLE = /visibility\s*:\s*(?:hidden|collapse)/i;
const SHIFTED_STYLE = /vertical-align\s*:\s*(super|sub)\b/i;
const SHIFTED_CLASS = /(?:^|\s)(?:(superscript|sup)|(?:subscript|sub))(?:\s|$)/i;
/** What repeats a formula for the eye. */
const REPEATED_CLASS = /(?:^|\s)katex-html(?:\s|$)/;

/** What draws a formula, beside which the formula itself is for who cannot see it. */
const DRAWING = /^(?:svg|nobr|mjx-.*)$/;
const DRAWING_CLASS = /(?:^|\s)MathJax(?:_\w+)?(?:\s|$)/;

const TO_EDGE_STYLE = /vertical-align\s*:\s*(?:text-)?(top|bottom)\b/i;
const RELATIVE_STYLE = /position\s*:\s*relative/i;
const SMALL_STYLE = /font-size\s*:\s*(?:smaller|x{1,2}-small)/i;

/** Units of length in points, those that depend on the font at 10 points. */
const POINTS: Readonly<Record<string, number>> = { pt: 1, px: 0.75, em: 10, rem: 10, "%": 0.1 };

const lengthPattern = (property: string): RegExp =>
  new RegExp(
    `(?:^|[;\\s])${property}\\s*:\\s*([+-]?(?:\\d{1,4}(?:\\.\\d{0,4})?|\\.\\d{1,4}))(pt|px|r?em|%)`,
    "i",
  );

const LENGTHS = {
  align: lengthPattern("vertical-align"),
  raise: lengthPattern("mso-text-raise"),
  top: lengthPattern("top"),
  bottom: lengthPattern("bottom"),
  size: lengthPattern("font-size"),
};

const pointsOf = (style: string, pattern: RegExp): number | undefined => {
  const [, number, unit = ""] = pattern.exec(style) ?? [];
  return number === undefined ? undefined : Number(number) * (POINTS[unit.toLowerCase()] ?? 1);
};

/** The largest font of raised text that its style does not call raised. */
const SMALL_POINTS = 8;

const isSmall = (style: string, { size = "" }: Attributes): boolean =>
  SMALL_STYLE.test(style) ||
  /^(?:1|-[1-4])$/.test(size) ||
  (pointsOf(style, LENGTHS.size) ?? 10) <= SMALL_POINTS;

/** By how many points text is raised. Less only aligns a picture or a button, more moves the text elsewhere. */
const LEAST_RAISE = 2;
const MOST_RAISE = 15;

/** Finds by how many points a style raises text; negative if it lowers it. */
const raiseOf = (style: string): number => {
  const raise = pointsOf(style, LENGTHS.align) ?? pointsOf(style, LENGTHS.raise);
  if (raise !== undefined || !RELATIVE_STYLE.test(style)) return raise ?? 0;
  return -(pointsOf(style, LENGTHS.top) ?? 0) || (pointsOf(style, LENGTHS.bottom) ?? 0);
};

const shiftedByStyle = (style: string, attributes: Attributes): "sup" | "sub" | undefined => {
  const shift = SHIFTED_STYLE.exec(style)?.[1]?.toLowerCase();
  if (shift !== undefined) return shift === "super" ? "sup" : "sub";
  if (!/align|raise|relative/i.test(style) || /display\s*:/i.test(style)) return undefined;
  const edge = TO_EDGE_STYLE.exec(style)?.[1]?.toLowerCase();
  if (edge !== undefined && isSmall(style, attributes)) return edge === "top" ? "sup" : "sub";
  const raise = raiseOf(style);
  if (Math.abs(raise) < LEAST_RAISE || Math.abs(raise) > MOST_RAISE) return undefined;
  return raise > 0 ? "sup" : "sub";
};

/** Elements whose vertical alignment is that of their content in a box, not of text in a line. */
const isBox = (name: string): boolean => BLOCK_ELEMENTS.has(name) || /^(?:t[dhr]|svg|col|button)$/.test(name);

/** Finds which element a style or class makes of another. */
export const shiftedBy = (name: string, attributes: Attributes): "sup" | "sub" | undefined => {
  const { style, class: classes, role } = attributes;
  if (role === "doc-noteref") return "sup";
  const shift = style === undefined || isBox(name) ? undefined : shiftedByStyle(style, attributes);
  if (shift !== undefined) return shift;
  const match = classes === undefined ? null : SHIFTED_CLASS.exec(classes);
  return match ? (match[1] === undefined ? "sub" : "sup") : undefined;
};

/** Tells whether an element is struck through or not to be seen. */
export const isUnseen = (name: string, { style, class: classes }: Attributes): boolean =>
  STRUCK.has(name) ||
  (style !== undefined && (STRUCK_STYLE.test(style) || UNSEEN_STYLE.test(style))) ||
  (classes !== undefined && REPEATED_CLASS.test(classes));

/** Tells whether an element may draw a formula that follows it in another form. */
export const drawsFormula = (
  name: string,
  { class: classes = "", "aria-hidden": hidden }: Attributes,
): boolean => hidden === "true" && (DRAWING.test(name) || DRAWING_CLASS.test(classes));
