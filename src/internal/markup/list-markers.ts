type Attributes = Readonly<Record<string, string>>;

type Style = "decimal" | "lower-alpha" | "upper-alpha" | "lower-roman" | "upper-roman" | "none";

/** Values of the attribute `type`; upper and lower case differ. */
const TYPES: Readonly<Record<string, Style>> = {
  "1": "decimal",
  a: "lower-alpha",
  A: "upper-alpha",
  i: "lower-roman",
  I: "upper-roman",
  none: "none",
};

const LIST_STYLE = /list-style(?:-type)?\s*:[^;]*?\b(none|(?:lower|upper)-(?:alpha|latin|roman))\b/i;

const styleOf = ({ style = "", type = "" }: Attributes): Style => {
  const named = LIST_STYLE.exec(style)?.[1]?.toLowerCase().replace("latin", "alpha");
  return Object.values(TYPES).find((each) => each === named) ?? TYPES[type.trim()] ?? "decimal";
};

const ROMAN: readonly (readonly [number, string])[] = [
  [1000, "m"],
  [900, "cm"],
  [500, "d"],
  [400, "cd"],
  [100, "c"],
  [90, "xc"],
  [50, "l"],
  [40, "xl"],
  [10, "x"],
  [9, "ix"],
  [5, "v"],
  [4, "iv"],
  [1, "i"],
];

const toRoman = (number: number): string => {
  let rest = number;
  return ROMAN.map(([value, letters]) => {
    const times = Math.floor(rest / value);
    rest -= times * value;
    return letters.repeat(times);
  }).join("");
};

const toLetters = (number: number): string =>
  number === 0
    ? ""
    : toLetters(Math.floor((number - 1) / 26)) + String.fromCharCode(97 + ((number - 1) % 26));

/** The largest number that letters stand for; browsers end Roman numerals there, too. */
const MAX_LETTERED = 3999;

const format = (number: number, style: Style): string => {
  if (style === "decimal" || number < 1 || number > MAX_LETTERED) return String(number);
  const text = style.endsWith("roman") ? toRoman(number) : toLetters(number);
  return style.startsWith("upper") ? text.toUpperCase() : text;
};

const integer = (given: string | undefined): number | undefined =>
  given !== undefined && /^\s*[+-]?\d{1,9}\s*$/.test(given) ? Number(given) : undefined;

/** Counts the items of one ordered list. */
class ItemCounter {
  readonly #style: Style;
  readonly #step: 1 | -1;
  #next: number | undefined;

  constructor(attributes: Attributes) {
    const isReversed = "reversed" in attributes;
    this.#style = styleOf(attributes);
    this.#step = isReversed ? -1 : 1;
    // A reversed list begins with the count of its items, which are not known yet.
    this.#next = integer(attributes["start"]) ?? (isReversed ? undefined : 1);
  }

  /** Writes the number of the next item without a full stop; empty where none is printed. */
  take(item: Attributes): string {
    const number = integer(item["value"]) ?? this.#next;
    if (number === undefined) return "";
    this.#next = number + this.#step;
    const style = item["style"] === undefined && item["type"] === undefined ? this.#style : styleOf(item);
    return style === "none" ? "" : format(number, style);
  }
}

/** Writes the numbers of the items of ordered lists, `<ol>`, before their text, as a browser prints them. */
export class ListMarkers {
  /** The lists that are open; `undefined` for one without numbers. */
  readonly #lists: (ItemCounter | undefined)[] = [];
  /** The number of the item that is open, until its text comes. */
  #number = "";

  open(name: "ol" | "ul" | "li", attributes: Attributes): void {
    if (name !== "li") {
      this.#lists.push(name === "ol" ? new ItemCounter(attributes) : undefined);
      return;
    }
    const number = this.#lists.at(-1)?.take(attributes) ?? "";
    // An item that begins with a list is printed on one line with the first item of that list.
    this.#number = [this.#number, number].filter((each) => each !== "").join(". ");
  }

  close(name: "ol" | "ul" | "li"): void {
    if (name === "li") this.#number = "";
    else this.#lists.pop();
  }

  /** Puts the number of the open item before the beginning of its text, unless this is the same number. */
  mark(text: string): string {
    const number = this.#number;
    if (number === "" || text.trim() === "") return text;
    this.#number = "";
    const own = /^\s*\(?([\p{L}\p{N}]+)[.)]/u.exec(text)?.[1];
    return own === number ? text : `${number}. ${text.trimStart()}`;
  }
}
