/** An element of MathML with what it holds, in order. */
interface MathNode {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: MathNode[];
  text: string;
}

/** Deeper elements are read into the one at this depth, so that rendering cannot exhaust the stack. */
const MAX_DEPTH = 100;

/** Elements that write their children one after the other. */
const TOKENS = new Set(["mi", "mn", "mo", "mtext", "ms", "annotation"]);
const SCRIPTED = new Set(["msup", "msub", "msubsup", "munder", "mover", "munderover", "mroot"]);
const UNPRINTED = new Set(["mphantom", "annotation-xml", "mprescripts", "none"]);

/** Accents above a letter, as combining characters. */
const ACCENTS: Readonly<Record<string, string>> = {
  "¯": "\u0304",
  "‾": "\u0304",
  "^": "\u0302",
  ˆ: "\u0302",
  "~": "\u0303",
  "˜": "\u0303",
  "→": "\u20d7",
  "˙": "\u0307",
  "¨": "\u0308",
};

const INVISIBLE = /[\u2061-\u2064\u200b]/g;
/** Operators that have blanks around them between two terms. */
const SPACED = /^[=≠≈≡<>≤≥≪≫±∓+\-−–×÷·⋅∗*→⇒⇔∈∉⊂⊆∪∩∧∨∼∝|]$|^[:=<>]=$/u;

const isWhole = (text: string): boolean =>
  /^[\p{L}\p{M}\p{N}.,∞%′']+$/u.test(text) || /^\([^()]*\)$/.test(text);

const grouped = (text: string): string => (isWhole(text) ? text : `(${text})`);

const exponent = (text: string): string => (/^[+\-−]\p{N}+$/u.test(text) ? text : grouped(text));

const power = (base: string, over: string): string =>
  over === "" ? base : /^[′″'*†°]+$/u.test(over) ? base + over : `${base}^${exponent(over)}`;

const indexed = (base: string, under: string): string => {
  if (under === "") return base;
  return /\p{L}$/u.test(base) && /^\p{Nd}+$/u.test(under) ? base + under : `${base}_${grouped(under)}`;
};

const hasWord = (text: string): boolean => /\p{L}{2}/u.test(text);

/** Joins terms with blanks around operators, and where two figures or words would run together. */
const joinTerms = (terms: readonly { text: string; isOperator: boolean }[]): string => {
  let joined = "";
  let last = "";
  let isAfterTerm = false;
  for (const { text, isOperator } of terms) {
    if (text === "") continue;
    if (isOperator && SPACED.test(text)) {
      joined += isAfterTerm ? ` ${text} ` : text;
      isAfterTerm = false;
    } else {
      const isFigures = /\p{N}$/u.test(last) && /^\p{N}/u.test(text);
      const isWords = /\p{L}$/u.test(last) && /^\p{L}/u.test(text) && (hasWord(last) || hasWord(text));
      const isAfterScript = /[\^_]|.\/./.test(last) && /^[\p{L}\p{N}√∑∏∫]/u.test(text);
      const isFraction = /^[\p{L}\p{N}]+\/./u.test(text) && /[\p{L}\p{N}]$/u.test(last);
      const isList = /[,;]$/.test(last) && !/^[)\]}]/.test(text);
      joined += isFigures || isWords || isAfterScript || isFraction || isList ? ` ${text}` : text;
      isAfterTerm = !(isOperator && /^[([{,;]$/.test(text));
    }
    last = text;
  }
  return joined.replace(/ {2,}/g, " ").trim();
};

const rowOf = (nodes: readonly MathNode[]): string =>
  joinTerms(nodes.map((node) => ({ text: render(node), isOperator: node.name === "mo" })));

const parts = (node: MathNode): string[] => node.children.map(render);

const script = (base: string, under: string, over: string): string => power(indexed(base, under), over);

const overBase = (base: string, over: string): string => {
  const accent = ACCENTS[over];
  if (accent !== undefined && [...base].length === 1) return (base + accent).normalize("NFC");
  return accent === undefined ? power(base, over) : base;
};

const fraction = ([above = "", below = ""]: readonly string[]): string =>
  `${grouped(above)}/${grouped(below)}`;

/** Scripts before and after a base, as in ¹⁴C. */
const multiscripts = ({ children }: MathNode): string => {
  const [base, ...rest] = children;
  const divide = rest.findIndex(({ name }) => name === "mprescripts");
  const after = (divide < 0 ? rest : rest.slice(0, divide)).map(render);
  const before = divide < 0 ? [] : rest.slice(divide + 1).map(render);
  const pairs = (scripts: readonly string[], start: string): string =>
    scripts.reduce(
      (text, _, at) => (at % 2 === 0 ? script(text, scripts[at] ?? "", scripts[at + 1] ?? "") : text),
      start,
    );
  return pairs(before, "") + pairs(after, base ? render(base) : "");
};

const fenced = ({ attributes, children }: MathNode): string => {
  const separators = attributes["separators"]?.replace(/\s/g, "") ?? ",";
  const inner = children.map(render).reduce((text, each, at) => {
    if (at === 0) return each;
    const separator = separators.charAt(Math.min(at, separators.length) - 1);
    return `${text}${separator}${separator === "" ? "" : " "}${each}`;
  }, "");
  return `${attributes["open"] ?? "("}${inner}${attributes["close"] ?? ")"}`;
};

/** The presentation of a formula is preferred; an annotation repeats it. */
const semantics = ({ children }: MathNode): string => {
  const shown = children.find(({ name }) => !name.startsWith("annotation"));
  const text = shown ? render(shown) : "";
  return text !== "" ? text : rowOf(children.filter(({ name }) => name === "annotation"));
};

const tableOf = ({ children }: MathNode): string => {
  const rows = children.map((row) => row.children.map(render).join(", "));
  return `[${rows.join("; ")}]`;
};

const render = (node: MathNode): string => {
  const { name, attributes } = node;
  if (UNPRINTED.has(name)) return "";
  if (name === "mo") return node.text.replace(INVISIBLE, "").trim();
  if (name === "mspace") return " ";
  if (TOKENS.has(name) && node.children.length === 0) return node.text.replace(INVISIBLE, "").trim();
  const [first = "", second = "", third = ""] = SCRIPTED.has(name) ? parts(node) : [];
  switch (name) {
    case "mfrac":
      return fraction(parts(node));
    case "msup":
      return power(first, second);
    case "msub":
      return indexed(first, second);
    case "msubsup":
    case "munderover":
      return script(first, second, third);
    case "munder":
      return indexed(first, second);
    case "mover":
      return overBase(first, second);
    case "mmultiscripts":
      return multiscripts(node);
    case "msqrt":
      return `√${grouped(rowOf(node.children))}`;
    case "mroot":
      return `${grouped(first)}^(1/${second})`;
    case "mfenced":
      return fenced(node);
    case "mtable":
      return tableOf(node);
    case "maction":
      return node.children[0] ? render(node.children[0]) : "";
    case "semantics":
      return semantics(node);
    case "mglyph":
    case "img":
      return attributes["alt"] ?? "";
    default:
      return joinTerms([
        { text: rowOf(node.children), isOperator: false },
        { text: node.text.replace(INVISIBLE, "").trim(), isOperator: false },
      ]);
  }
};

/** Reads one formula in MathML, and writes it on one line, each part once: `(a + b)/c`, `x_i^2`, `√(x)`. */
export class MathReader {
  readonly #root: MathNode;
  readonly #open: MathNode[];
  #depth = 0;

  constructor(attributes: Readonly<Record<string, string>>) {
    this.#root = { name: "math", attributes, children: [], text: "" };
    this.#open = [this.#root];
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (++this.#depth > MAX_DEPTH) return;
    const node: MathNode = { name: name.replace(/^\w+:/, ""), attributes, children: [], text: "" };
    this.#open.at(-1)?.children.push(node);
    this.#open.push(node);
  }

  close(): void {
    if (this.#depth-- <= MAX_DEPTH) this.#open.pop();
  }

  text(data: string): void {
    const node = this.#open.at(-1);
    if (node) node.text += data.replace(/\s+/g, " ");
  }

  /** Writes the formula. */
  write(): string {
    return render(this.#root) || (this.#root.attributes["alttext"] ?? "");
  }
}
