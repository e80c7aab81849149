import { Random } from "../support/random.js";
import { type CheckedTable, type TrueCell, wordsOf } from "./checked-table.js";
import { documentsOf } from "./documents.js";

const NOUNS = [
  "alder",
  "revenue",
  "site",
  "Größe",
  "coupon",
  "energía",
  "ledger",
  "quota",
  "réseau",
  "depot",
] as const;
const NAMES = [
  "Site",
  "Region",
  "Revenue",
  "Share",
  "Net debt",
  "Book value",
  "Änderung",
  "Unit cost",
] as const;
const HEADERS = ["thead", "th", "td", "groups", "td-groups", "names-twice", "none"] as const;

type HeaderStyle = (typeof HEADERS)[number];
type ColumnKind = "words" | "figures" | "dates";

interface Column {
  kind: ColumnKind;
  name: string;
}

interface HtmlCell {
  html: string;
  attributes?: string;
  tag?: "td" | "th";
}

const rowHtml = (cells: readonly HtmlCell[], tag: "td" | "th" = "td"): string =>
  `<tr>${cells.map((cell) => `<${cell.tag ?? tag}${cell.attributes ?? ""}>${cell.html}</${cell.tag ?? tag}>`).join("")}</tr>`;

const escapeHtml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** Makes tables with the difficulties of real ones; every word of every body cell is used once. */
export class TableGenerator {
  readonly #random: Random;
  #serial = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  #word(): string {
    this.#serial += 1;
    return `${this.#random.pick(NOUNS)}${this.#random.chance(0.05) ? "|" : ""}x${this.#serial}`;
  }

  #phrase(least: number, most: number): string {
    return Array.from({ length: this.#random.between(least, most) }, () => this.#word()).join(" ");
  }

  #cellText(kind: ColumnKind): string {
    this.#serial += 1;
    const serial = 100_000 + this.#serial;
    if (kind === "figures")
      return this.#random.pick([`${serial.toLocaleString("en")}.5`, `${serial}`, `(${serial})`]);
    if (kind === "dates") return `${1 + (serial % 9)}:${serial}`;
    if (this.#random.chance(0.02)) return this.#phrase(40, 160);
    return this.#phrase(1, 4);
  }

  /** Adds markup to a text that does not change its meaning. */
  #markedUp(text: string): string {
    const html = escapeHtml(text);
    const nested = () => `<table><tr><td>${html.replaceAll(" ", "</td><td>")}</td></tr></table>`;
    return this.#random.pick([
      () => html,
      () => html,
      () => html,
      () => `<b>${html}</b>`,
      () => `<p>${html.replaceAll(" ", "<br/>")}</p>`,
      () => `<span>${html}</span> `,
      nested,
    ])();
  }

  #columns(): Column[] {
    const width = this.#random.chance(0.05) ? this.#random.between(14, 30) : this.#random.between(2, 8);
    return Array.from({ length: width }, (_, column) => ({
      kind:
        column === 0
          ? "words"
          : column === 1
            ? "figures"
            : this.#random.pick(["words", "figures", "figures", "dates"]),
      name: column === 0 && this.#random.chance(0.3) ? "" : this.#random.pick(NAMES),
    }));
  }

  #titles(width: number): { html: string; words: string[] } {
    const rows = Array.from({ length: this.#random.pick([0, 0, 1, 1, 2]) }, () => this.#phrase(2, 5));
    const html = rows.map((title) => {
      const attributes = this.#random.pick([
        ` colspan="${width}"`,
        ` colspan="${Math.max(1, width - 1)}"`,
        "",
        ' colspan="1000000"',
      ]);
      return rowHtml([{ html: title, attributes }], this.#random.pick(["td", "th"]));
    });
    return { html: html.join(""), words: rows.flatMap(wordsOf) };
  }

  /** Makes header rows, and the column names that result from them. */
  #header(style: HeaderStyle, columns: readonly Column[]): { html: string; names: string[] } {
    const written = (name: string): string =>
      this.#random.chance(0.3) ? name.replaceAll(" ", "<br>") : name;
    const names = columns.map(({ name }) => name);
    const cells = names.map((name) => ({ html: written(name) }));
    if (style === "none") return { html: "", names: names.map(() => "") };
    if (style === "thead") return { html: `<thead>${rowHtml(cells, "th")}</thead>`, names };
    if (style === "th" || style === "td") return { html: rowHtml(cells, style), names };
    const [first = "", ...others] = names;
    const years = others.map((_, index) => `${2025 - (index >> 1)}`);
    const paths = [
      first,
      ...others.map((name, index) => (name ? `${years[index]} / ${name}` : `${years[index]}`)),
    ];
    const below = rowHtml(
      style === "names-twice" ? cells : cells.slice(1),
      style === "td-groups" ? "td" : "th",
    );
    if (style === "names-twice") {
      const above = rowHtml([{ html: "" }, ...years.map((html) => ({ html }))], "th");
      return { html: `<thead>${above}${below}</thead>`, names: paths };
    }
    const groups = others.flatMap((_, index): HtmlCell[] => {
      if (index % 2 === 1) return [];
      return [{ html: years[index] ?? "", attributes: ` colspan="${Math.min(2, others.length - index)}"` }];
    });
    const above = rowHtml(
      [{ html: first, attributes: ' rowspan="2"' }, ...groups],
      style === "td-groups" ? "td" : "th",
    );
    return { html: style === "groups" ? `<thead>${above}${below}</thead>` : above + below, names: paths };
  }

  /** Makes body rows: most have the full width, some have spans, some are ragged. */
  #body(columns: readonly Column[], height: number): { html: string; rows: TrueCell[][] } {
    const html: string[] = [];
    const rows: TrueCell[][] = [];
    /** For how many more rows a cell from above covers the first column. */
    let covered = 0;
    for (let row = 0; row < height; row++) {
      const cells: HtmlCell[] = [];
      const truth: TrueCell[] = [];
      const add = (text: string, attributes = "", places: number | null = 1, spanned = 1) => {
        cells.push({ html: this.#markedUp(text), attributes });
        truth.push({ words: wordsOf(text), places, rows: spanned });
      };
      const isPlain = row < 2 || this.#random.chance(0.85);
      let end = columns.length;
      if (!isPlain && covered === 0 && this.#random.chance(0.4)) {
        add(this.#phrase(1, 3), ` colspan="${columns.length}"`);
        html.push(rowHtml(cells));
        rows.push(truth);
        continue;
      }
      if (!isPlain && this.#random.chance(0.4)) end = this.#random.between(1, columns.length);
      for (let column = covered > 0 ? 1 : 0; column < end; column++) {
        const kind = columns[column]?.kind ?? "words";
        const isEmpty = column > 1 && this.#random.chance(0.05);
        if (column === 0 && !isPlain && end === columns.length && this.#random.chance(0.3)) {
          const asked = this.#random.between(2, 6) + (this.#random.chance(0.1) ? height : 0);
          // A span may exceed the table.
          covered = Math.min(asked, height - row);
          add(this.#cellText(kind), ` rowspan="${asked}"`, covered, covered);
        } else if (isEmpty) cells.push({ html: "" });
        else if (!isPlain && column > 0 && column === end - 1 && this.#random.chance(0.2))
          add(this.#cellText(kind), ' colspan="1000000"', null);
        else add(this.#cellText(kind));
      }
      // Below a span, a cell too many would say that the span has ended.
      if (!isPlain && end === columns.length && this.#random.chance(0.3) && covered === 0)
        add(this.#cellText("words"));
      covered = Math.max(0, covered - 1);
      html.push(rowHtml(cells));
      rows.push(truth);
    }
    return { html: html.join(""), rows };
  }

  next(): CheckedTable {
    const columns = this.#columns();
    const style = this.#random.pick(HEADERS);
    const height = this.#random.chance(0.05) ? this.#random.between(100, 250) : this.#random.between(2, 40);
    const titles = this.#titles(columns.length);
    const header = this.#header(style, columns);
    const body = this.#body(columns, height);
    const caption = this.#random.chance(0.4) ? `Table ${this.#serial}: ${this.#phrase(2, 12)}` : undefined;
    const heading = this.#random.chance(0.4) ? this.#phrase(1, 6) : undefined;
    const html = `<table>${titles.html}${header.html}${body.html}</table>`;
    const name = `generated ${this.#serial} (${style})`;
    return {
      name,
      html,
      documents: documentsOf(name, html, { ...(heading && { heading }), ...(caption && { caption }) }),
      header: header.names,
      titles: titles.words,
      rows: body.rows,
    };
  }
}
