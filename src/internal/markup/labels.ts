import { withoutDataUris } from "./addresses.js";

type Attributes = Readonly<Record<string, string>>;

const TICKED = "☑";
const UNTICKED = "☐";

const FILE_NAME = /\.(?:jpe?g|png|gif|svg|webp|bmp|tiff?|ico|avif|emf|wmf|jp2|heic)(?:[?#].*)?$/i;
const SAYS_NOTHING = /^(?:image|img|picture|untitled|\W*)$/i;

/** Names of pictures and of classes that say yes or no. */
const YES_NAME = /(?:^|[^a-z])(?:yes|tick(?:ed)?|check(?:mark|ed)?|ok|true|ja|oui)(?![a-z])/i;
const NO_NAME = /(?:^|[^a-z])(?:no|cross|xmark|x-mark|times|unchecked|false|nein|non|remove)(?![a-z])/i;

/** Reads a mark from the name of a picture or an icon. */
const markOf = (name: string): string => (NO_NAME.test(name) ? "✗" : YES_NAME.test(name) ? "✓" : "");

const meaningful = (given: string | undefined): string => {
  const text = withoutDataUris(given ?? "")
    .replace(/\s+/g, " ")
    .trim();
  return FILE_NAME.test(text) || SAYS_NOTHING.test(text) ? "" : text;
};

const fileName = (address: string): string =>
  /^data:/i.test(address) ? "" : (address.split(/[?#]/)[0]?.split("/").at(-1) ?? "");

/** Finds what a picture says: its alternative text, else its title, else the mark that its file is named after. */
export const pictureText = ({ alt, title, "aria-label": label, src = "" }: Attributes): string =>
  meaningful(alt) || meaningful(label) || meaningful(title) || markOf(fileName(src));

const LATEX_ALT = /^\s*\{?\s*\\(?:display|text|script)style\b|^\s*\$[^$]+\$\s*$/;
const LATEX_CLASS = /(?:^|\s)(?:mwe-math-fallback-\S*|tex|latex|math)(?:\s|$)/i;

/** Finds the LaTeX that a picture of a formula shows; empty for all other pictures. */
export const pictureLatex = ({ alt = "", class: classes = "" }: Attributes): string =>
  LATEX_ALT.test(alt) || (LATEX_CLASS.test(classes) && /[\\^_]/.test(alt)) ? alt : "";

const isOn = (given: string | undefined): boolean => given !== undefined && !/^(?:false|no|0)$/i.test(given);

const VALUE_TYPES =
  /^(?:text|search|email|url|tel|number|date|time|month|week|datetime-local|submit|button|reset|)$/i;

/** Finds what a field of a form shows. */
export const fieldText = (attributes: Attributes): string => {
  const { type = "", checked, value = "" } = attributes;
  const kind = type.trim().toLowerCase();
  if (kind === "checkbox" || kind === "radio")
    return isOn(checked ?? ariaChecked(attributes)) ? TICKED : UNTICKED;
  if (kind === "image") return pictureText(attributes);
  return VALUE_TYPES.test(kind) ? value : "";
};

const ariaChecked = ({ "aria-checked": checked }: Attributes): string | undefined => checked;

const ROLES = new Set(["checkbox", "radio", "menuitemcheckbox", "menuitemradio", "switch"]);

/** Finds the mark of an element that stands for a checkbox; empty for all others. */
export const roleMark = (attributes: Attributes): string => {
  const { role } = attributes;
  if (role === undefined || !ROLES.has(role.trim().toLowerCase())) return "";
  return isOn(ariaChecked(attributes)) ? TICKED : UNTICKED;
};

const ICON_CLASS =
  /(?:^|[\s-])(?:fa|fas|far|icon|glyphicon|bi|material-icons|mdi|ti|dashicons|octicon)(?=$|[\s-])/i;

/** Tells whether an element may have a label that is written if it has no text. */
export const mayHaveLabel = ({ "aria-label": label, title, class: classes }: Attributes): boolean =>
  label !== undefined || title !== undefined || (classes !== undefined && ICON_CLASS.test(classes));

/** Finds what an element without text says. */
export const labelText = ({ "aria-label": label, title, class: classes = "" }: Attributes): string =>
  meaningful(label) || meaningful(title) || (ICON_CLASS.test(classes) ? markOf(classes) : "");
