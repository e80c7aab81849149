type Attributes = Readonly<Record<string, string>>;

const STRUCK = new Set(["del", "s", "strike"]);
const STRUCK_STYLE = /text-decoration(?:-line)?\s*:[^;]*line-through/i;
const UNSEEN_STYLE = /visibility\s*:\s*(?:hidden|collapse)/i;
const SHIFTED_STYLE = /vertical-align\s*:\s*(super|sub)\b/i;
const SHIFTED_CLASS = /(?:^|\s)(?:(superscript|sup)|(?:subscript|sub))(?:\s|$)/i;
/** What repeats a formula for the eye. */
const REPEATED_CLASS = /(?:^|\s)katex-html(?:\s|$)/;

/** Finds which element a style or class makes of another. */
export const shiftedBy = ({ style, class: classes, role }: Attributes): "sup" | "sub" | undefined => {
  if (role === "doc-noteref") return "sup";
  const shift = style === undefined ? undefined : SHIFTED_STYLE.exec(style)?.[1]?.toLowerCase();
  if (shift !== undefined) return shift === "super" ? "sup" : "sub";
  const match = classes === undefined ? null : SHIFTED_CLASS.exec(classes);
  return match ? (match[1] === undefined ? "sub" : "sup") : undefined;
};

/** Tells whether an element is struck through or not to be seen. */
export const isUnseen = (name: string, { style, class: classes }: Attributes): boolean =>
  STRUCK.has(name) ||
  (style !== undefined && (STRUCK_STYLE.test(style) || UNSEEN_STYLE.test(style))) ||
  (classes !== undefined && REPEATED_CLASS.test(classes));
