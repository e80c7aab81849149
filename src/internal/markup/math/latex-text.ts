import { escapeHtml } from "../html/escape-html.js";

const setOf = (list: string): ReadonlySet<string> => new Set(list.split(" "));

/** Commands whose argument is not printed. */
const SILENT = setOf(
  "cite citep citet ref eqref label color cellcolor rowcolor columncolor vspace hspace setlength includegraphics footnotesize arraystretch rule",
);
/** Commands that print their last argument only. */
const LAST_ONLY = setOf("href rotatebox textcolor colorbox raisebox resizebox scalebox adjustbox parbox");

const TAGS: Readonly<Record<string, string>> = {
  textsuperscript: "sup",
  tnote: "sup",
  footnotemark: "sup",
  textsubscript: "sub",
  sout: "del",
  st: "del",
};

const SYMBOLS: Readonly<Record<string, string>> = {
  pm: "±",
  mp: "∓",
  times: "×",
  cdot: "·",
  div: "÷",
  leq: "≤",
  le: "≤",
  geq: "≥",
  ge: "≥",
  neq: "≠",
  ne: "≠",
  approx: "≈",
  sim: "∼",
  simeq: "≃",
  equiv: "≡",
  infty: "∞",
  to: "→",
  rightarrow: "→",
  leftarrow: "←",
  uparrow: "↑",
  downarrow: "↓",
  Rightarrow: "⇒",
  checkmark: "✓",
  cmark: "✓",
  xmark: "✗",
  dagger: "†",
  dag: "†",
  ddagger: "‡",
  ddag: "‡",
  ast: "*",
  star: "⋆",
  circ: "°",
  degree: "°",
  textdegree: "°",
  textpm: "±",
  euro: "€",
  texteuro: "€",
  pounds: "£",
  textregistered: "®",
  texttrademark: "™",
  copyright: "©",
  S: "§",
  P: "¶",
  ldots: "…",
  dots: "…",
  cdots: "…",
  textendash: "–",
  textemdash: "—",
  ss: "ß",
  ae: "æ",
  oe: "œ",
  o: "ø",
  O: "Ø",
  aa: "å",
  AA: "Å",
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  epsilon: "ε",
  varepsilon: "ε",
  eta: "η",
  theta: "θ",
  kappa: "κ",
  lambda: "λ",
  mu: "μ",
  nu: "ν",
  pi: "π",
  rho: "ρ",
  sigma: "σ",
  tau: "τ",
  phi: "φ",
  varphi: "φ",
  chi: "χ",
  psi: "ψ",
  omega: "ω",
  Gamma: "Γ",
  Delta: "Δ",
  Sigma: "Σ",
  Phi: "Φ",
  Psi: "Ψ",
  Omega: "Ω",
  sum: "∑",
  int: "∫",
  partial: "∂",
  in: "∈",
  textbackslash: "\\",
  quad: " ",
  qquad: " ",
  newline: " ",
  and: " ",
};

const ACCENTS: Readonly<Record<string, string>> = {
  "'": "\u0301",
  "`": "\u0300",
  "^": "\u0302",
  '"': "\u0308",
  "~": "\u0303",
  "=": "\u0304",
  ".": "\u0307",
};

/** Keeps the terms of a fraction together. */
const grouped = (html: string): string =>
  /^(?:[\p{L}\p{N}.]|<\/?su[bp]>)*$/u.test(html) ? html : `(${html})`;

/** Brackets are not read deeper than this. */
const MAX_DEPTH = 40;

/** Reads LaTeX, and writes it as HTML in one line. */
class LatexText {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): string {
    let html = "";
    while (this.#at < this.#text.length) html += this.#next();
    return html;
  }

  /** Reads one character, command or group. */
  #next(): string {
    const char = this.#text.charAt(this.#at++);
    switch (char) {
      case "\\":
        return this.#command();
      case "{":
        return this.#group();
      case "}":
      case "$":
        return "";
      case "~":
        return " ";
      case "^":
        return `<sup>${this.#argument()}</sup>`;
      case "_":
        return `<sub>${this.#argument()}</sub>`;
      case "-":
        return this.#dash();
      default:
        return escapeHtml(char);
    }
  }

  #dash(): string {
    const dashes = /-*/y;
    dashes.lastIndex = this.#at;
    const more = dashes.exec(this.#text)?.[0].length ?? 0;
    this.#at += more;
    return more === 0 ? "-" : more === 1 ? "–" : "—";
  }

  /** Reads up to the bracket that closes the one just read. */
  #group(): string {
    if (++this.#depth > MAX_DEPTH) {
      this.#at = this.#text.length;
      return "";
    }
    let html = "";
    while (this.#at < this.#text.length && this.#text.charAt(this.#at) !== "}") html += this.#next();
    this.#at += 1;
    this.#depth -= 1;
    return html;
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at += 1;
  }

  #argument(): string {
    this.#skipBlanks();
    return this.#at < this.#text.length ? this.#next() : "";
  }

  /** Reads the arguments in square and curly brackets that follow a command. */
  #arguments(most: number): { required: string[]; optional: string } {
    const required: string[] = [];
    let optional = "";
    for (;;) {
      const char = this.#text.charAt(this.#at);
      if (char === "[" && required.length === 0) {
        const end = this.#text.indexOf("]", this.#at);
        if (end < 0) break;
        optional = this.#text.slice(this.#at + 1, end);
        this.#at = end + 1;
      } else if (char === "{" && required.length < most) {
        this.#at += 1;
        required.push(this.#group());
      } else break;
    }
    return { required, optional };
  }

  #command(): string {
    const pattern = /([a-zA-Z]+)\*?|[\s\S]/y;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) return "";
    this.#at += match[0].length;
    const name = match[1];
    if (name === undefined) return this.#sign(match[0]);
    const symbol = SYMBOLS[name];
    if (symbol !== undefined) {
      // The blank after a command ends its name.
      if (/^\\?[a-z]+$/i.test(name)) this.#skipBlank();
      return escapeHtml(symbol);
    }
    if (name === "begin" || name === "end") {
      this.#arguments(name === "begin" ? 2 : 1);
      return " ";
    }
    if (name === "frac" || name === "dfrac" || name === "tfrac") {
      const above = grouped(this.#argument().trim());
      const below = grouped(this.#argument().trim());
      return `${above}/${below}${/^\}*[\p{L}\p{N}]/u.test(this.#text.slice(this.#at, this.#at + 8)) ? " " : ""}`;
    }
    if (name === "sqrt") this.#skipBlanks();
    if (name === "sqrt") return `√(${this.#arguments(1).required[0] ?? ""})`;
    if (SILENT.has(name)) {
      this.#arguments(2);
      return "";
    }
    const { required, optional } = this.#arguments(LAST_ONLY.has(name) ? 3 : 1);
    if (LAST_ONLY.has(name)) return required.at(-1) ?? "";
    const tag = TAGS[name];
    if (tag) return `<${tag}>${required[0] ?? escapeHtml(optional)}</${tag}>`;
    if (required.length === 0) this.#skipBlank();
    return name === "footnote" ? ` (${required.join(" ")})` : required.join(" ");
  }

  #skipBlank(): void {
    if (this.#text.charAt(this.#at) === " ") this.#at += 1;
  }

  #sign(sign: string): string {
    const accent = ACCENTS[sign];
    if (accent !== undefined) {
      const base = this.#argument();
      return (base.slice(0, 1) + accent + base.slice(1)).normalize("NFC");
    }
    if (/[,;:!\s]/.test(sign)) return sign === "!" ? "" : " ";
    if (sign === "\\") return " ";
    return /[()[\]]/.test(sign) ? "" : escapeHtml(sign);
  }
}

/** Writes a text in LaTeX as HTML in one line: commands as what they print, raised and lowered text as such. */
export const latexToHtml = (latex: string): string =>
  new LatexText(latex.replace(/(?<!\\)%[^\n]*\n?/g, "").replace(/``|''/g, '"'))
    .read()
    .replace(/\s+/g, " ")
    .trim();
