import { Random } from "../support/random.js";
import { type CheckedTable, type TrueCell, wordsOf } from "./checked-table.js";
import { documentsOf } from "./documents.js";

const NAMES = ["Site", "Region", "Power", "Energy", "Commissioned", "Availability", "Book value"];
const SITES = ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Hazel", "Juniper"] as const;
const REGIONS = ["Iberia", "Nordics", "Benelux", "Saxony", "Bohemia"] as const;

/** Makes tables of 100 rows of seven short cells, like the list of sites in the sample report. */
export const plainTables = (seed: number, count: number): CheckedTable[] => {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, index) => {
    const rows = Array.from({ length: 100 }, (_row, row) => [
      `${random.pick(SITES)} North ${index * 100 + row}`,
      random.pick(REGIONS),
      `${random.between(20, 420)} MW`,
      `${random.between(40, 940)} MWh`,
      `${random.between(2010, 2025)}`,
      `${random.between(880, 980) / 10} %`,
      `EUR ${random.between(1, 977) / 10} m`,
    ]);
    const tags = (cells: readonly string[], tag: string): string =>
      `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
    const body = rows.map((cells) => tags(cells, "td")).join("");
    const html = `<table><thead>${tags(NAMES, "th")}</thead><tbody>${body}</tbody></table>`;
    const name = `plain ${index}`;
    const truth = rows.map((cells) =>
      cells.map((text): TrueCell => ({ words: wordsOf(text), places: 1, rows: 1 })),
    );
    return { name, html, documents: documentsOf(name, html), header: NAMES, titles: [], rows: truth };
  });
};
