/** Writes a text as HTML that says the same. */
export const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A cell of a table that is written as HTML. */
export interface HtmlCell {
  html: string;
  columnSpan: number;
  rowSpan: number;
}

const span = (name: string, size: number): string => (size > 1 ? ` ${name}="${size}"` : "");

const rowHtml = (cells: readonly HtmlCell[], tag: "td" | "th"): string =>
  `<tr>${cells
    .map(
      (cell) =>
        `<${tag}${span("colspan", cell.columnSpan)}${span("rowspan", cell.rowSpan)}>${cell.html}</${tag}>`,
    )
    .join("")}</tr>`;

/** Writes a table as HTML, its first `headRows` rows as its header. */
export const tableHtml = (rows: readonly (readonly HtmlCell[])[], headRows: number, caption = ""): string => {
  const head = rows.slice(0, headRows).map((cells) => rowHtml(cells, "th"));
  const body = rows.slice(headRows).map((cells) => rowHtml(cells, "td"));
  return [
    "<table>",
    caption === "" ? "" : `<caption>${caption}</caption>`,
    head.length === 0 ? "" : `<thead>${head.join("")}</thead>`,
    `<tbody>${body.join("")}</tbody></table>`,
  ].join("");
};
