import { describe, expect, it } from "vitest";
import { embeddingText, lexicalTexts } from "../../../src/documents/embedding-text.js";
import { countTokens } from "../../../src/internal/text/tokens.js";
import { joinSplits } from "../../../src/retrieval/expand/join-splits.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { ColumnView } from "../../../src/splitters/tables/splitting/column-view.js";
import { RowGroups } from "../../../src/splitters/tables/splitting/row-groups.js";
import { segmentsOf, table } from "../../support/splitters/segments.js";

/** Reads rows written as `a|b|c`, and lists the names above each row. */
const namesAbove = (lines: readonly string[]): string[][] => {
  const rows = lines.map((line) => line.split("|"));
  const width = rows[0]?.length ?? 0;
  const model = {
    titles: [],
    names: Array.from({ length: width }, () => ""),
    header: [],
    rows,
    spanned: new Set<number>(),
  };
  const view = new ColumnView(
    model,
    Array.from({ length: width }, (_, column) => column),
  );
  const found = new RowGroups(model);
  return rows.map((_, row) =>
    found.above(view, row).map((above) => rows[above]?.find((text) => text !== "") ?? ""),
  );
};

describe("names of groups of rows", () => {
  it.each([
    {
      form: "in a row of one cell",
      rows: ["Assets||", "Cash|1|2", "Land|3|4", "Debts||", "Loans|5|6"],
      above: [[], ["Assets"], ["Assets"], [], ["Debts"]],
    },
    {
      form: "within each other, one right below the other",
      rows: ["Basic:||", "Numerator:||", "Income|1|2", "Denominator:||", "Shares|3|4"],
      above: [[], ["Basic:"], ["Basic:", "Numerator:"], ["Basic:"], ["Basic:", "Denominator:"]],
    },
    {
      form: "which end with their total",
      rows: ["Assets||", "Current||", "Cash|1|2", "Total assets|1|2", "Debts||", "Loans|5|6"],
      above: [[], ["Assets"], ["Assets", "Current"], ["Assets", "Current"], [], ["Debts"]],
    },
    {
      form: "in capitals above others",
      rows: ["ASSETS||", "Current||", "Cash|1|2", "DEBTS||", "Long|1|2"],
      above: [[], ["ASSETS"], ["ASSETS", "Current"], [], ["DEBTS"]],
    },
    {
      form: "with the figure that their rows lack",
      rows: ["Age|||0.7", "<69|1||", ">69|2|3|", "Sex|||0.1", "Male|1||", "Female|2|4|"],
      above: [[], ["Age"], ["Age"], [], ["Sex"], ["Sex"]],
    },
    {
      form: "above a column of figures",
      rows: ["|Panel A||", "x|1|2", "y|3|4", "|Panel B||", "x|5|6"],
      above: [[], ["Panel A"], ["Panel A"], [], ["Panel B"]],
    },
    {
      form: "in a label that is given once",
      rows: ["Cycle|Start|1", "|Middle|2", "|End|3", "Shape|Actin|4", "|Keratin|5"],
      above: [[], ["Cycle"], ["Cycle"], [], ["Shape"]],
    },
    {
      form: "as years",
      rows: ["2024||", "North|1|2", "2023||", "North|3|4"],
      above: [[], ["2024"], [], ["2023"]],
    },
  ])("are found $form", ({ rows, above }) => {
    expect(namesAbove(rows)).toEqual(above);
  });

  it.each([
    { form: "in lists of which most rows have one", rows: ["Ann|", "Ben|", "Cy|", "Di|", "Ed|5"] },
    {
      form: "where other rows leave out words, too",
      rows: ["Ann|a@b|", "Ben||", "Cy||x y", "Di|d@e|", "Ed|e@f|z z"],
    },
    { form: "that hold a figure", rows: ["Sum|1|2", "12||", "Sum|3|4"] },
    { form: "that nothing follows", rows: ["Cash|1|2", "Land|3|4", "As of June||"] },
    { form: "in debit and credit", rows: ["Rent|1|", "Sales||2", "Fees|3|", "Loans||4"] },
    { form: "as sums without a label", rows: ["Other|1|2", "|3|4", "Cash|5|6"] },
  ])("are not taken from single cells $form", ({ rows }) => {
    expect(namesAbove(rows)).toEqual(rows.map(() => []));
  });
});

describe("a table with groups of rows", () => {
  const groups = ["Assets", "Liabilities", "Equity"];
  const rows = groups.flatMap((name) => [
    `<tr><th colspan="3">${name}</th></tr>`,
    ...Array.from(
      { length: 9 },
      (_, row) => `<tr><td>${name} account ${row}</td><td>1${row}</td><td>2${row}</td></tr>`,
    ),
  ]);
  const html = `<table><tr><th>Item</th><th>2024</th><th>2023</th></tr>${rows.join("")}</table>`;

  it.each([40, 60, 90, 130, 200])(
    "repeats the name in each part within %i tokens, never last",
    async (chunkSize) => {
      const splits = await new SegmentSplitter({ chunkSize }).invoke(segmentsOf([table(html)]));
      expect(splits.length).toBeGreaterThan(1);
      let next = 0;
      for (const { pageContent, metadata } of splits) {
        const body = pageContent.split("\n").slice(2);
        const { row_start = -1, row_end = -1, repeated_rows = [] } = metadata;
        expect(row_start).toBe(next);
        expect(body).toHaveLength(repeated_rows.length + row_end - row_start + 1);
        for (const row of repeated_rows) expect(row).toBeLessThan(row_start);
        next = row_end + 1;
        let name = "";
        for (const line of body) {
          const label = /^\| (\w+) /.exec(line)?.[1] ?? "";
          if (line.endsWith("|  |  |")) name = label;
          else expect(label).toBe(name);
        }
        expect(body.at(-1)).not.toMatch(/\| {2}\| {2}\|$/);
      }
      expect(next).toBe(30);
    },
  );

  it.each([40, 90, 2000])("is searched with the name in each row within %i tokens", async (chunkSize) => {
    const splits = await new SegmentSplitter({ chunkSize }).invoke(segmentsOf([table(html)]));
    const lines = lexicalTexts(splits).flatMap((text) => text.match(/^\| \w+ .*/gm) ?? []);
    const labels = lines.filter((line) => !line.startsWith("| Item ")).map((line) => line.split(" | ")[0]);
    expect(labels).toEqual(
      groups.flatMap((name) => Array.from({ length: 9 }, (_, row) => `| ${name} › ${name} account ${row}`)),
    );
  });

  it.each([40, 60, 90, 2000])("is embedded with the name in each row within %i tokens", async (chunkSize) => {
    const splits = await new SegmentSplitter({ chunkSize }).invoke(segmentsOf([table(html)]));
    const texts = splits.map(embeddingText);
    for (const text of texts) expect(countTokens(text)).toBeLessThanOrEqual(chunkSize);
    expect(texts.flatMap((text) => text.split("\n"))).toEqual(
      groups.flatMap((name) =>
        Array.from(
          { length: 9 },
          (_, row) => `Item: ${name} › ${name} account ${row} | 2024: 1${row} | 2023: 2${row}`,
        ),
      ),
    );
  });

  it("leaves out outer names for which no row has room", async () => {
    const long = "a name of a group that is longer than a third of the budget for one part ".repeat(2).trim();
    const lines = [long, "Cash and more", ...Array.from({ length: 8 }, (_, row) => `account ${row}`)];
    const body = lines.map((label, row) =>
      row < 2 ? `<tr><td colspan="2">${label}</td></tr>` : `<tr><td>${label}</td><td>${1000 + row}</td></tr>`,
    );
    const nested = `<table><tr><th>Item</th><th>2024</th></tr>${body.join("")}</table>`;
    const splits = await new SegmentSplitter({ chunkSize: 64 }).invoke(segmentsOf([table(nested)]));
    const lastOf = splits.at(-1);
    expect(lastOf?.pageContent).toContain("| Cash and more |  |\n");
    expect(lastOf?.pageContent).not.toContain(long);
    expect(lastOf && embeddingText(lastOf)).toMatch(/^Item: Cash and more › account \d | 2024: \d+$/m);
    for (const split of splits) expect(countTokens(embeddingText(split))).toBeLessThanOrEqual(64);
  });

  it("says for each line which one names its group", async () => {
    const splits = await new SegmentSplitter({ chunkSize: 90 }).invoke(segmentsOf([table(html)]));
    for (const { pageContent, metadata } of splits) {
      const body = pageContent.split("\n").slice(2);
      expect(metadata.row_groups).toHaveLength(body.length);
      for (const [line, above] of (metadata.row_groups ?? []).entries()) {
        const name = /^\| (\w+) /.exec(body[line] ?? "")?.[1];
        if (above < 0) expect(body[line]).toBe(`| ${name} |  |  |`);
        else expect(body[above]).toBe(`| ${name} |  |  |`);
      }
    }
  });

  it("is joined with each row once", async () => {
    const [whole] = await new SegmentSplitter({ chunkSize: 2000 }).invoke(segmentsOf([table(html)]));
    for (const chunkSize of [40, 60, 90, 130]) {
      const splits = await new SegmentSplitter({ chunkSize }).invoke(segmentsOf([table(html)]));
      const stored = splits.map(({ pageContent, metadata }, index) => ({
        id: String(index),
        content: pageContent,
        metadata: { ...metadata, version: "v", point_count: splits.length },
      }));
      expect(joinSplits(stored)).toBe(whole?.pageContent);
    }
  });

  it("repeats the name above each piece of a row that is cut, and of a cell", async () => {
    const words = (name: string) => `${name} ${"took note of the request and granted it ".repeat(20).trim()}`;
    const line = (id: string) => `<tr><td>${id}</td><td>${words(id)}</td><td>granted</td></tr>`;
    const body = ["Europe", "Asia"].map(
      (name) => `<tr><td colspan="3">${name}</td></tr>${line(`${name}-1`)}`,
    );
    const long = `<table><tr><th>ID</th><th>Text</th><th>Result</th></tr>${body.join("")}</table>`;
    const splits = await new SegmentSplitter({ chunkSize: 80 }).invoke(segmentsOf([table(long)]));
    expect(splits.length).toBeGreaterThan(6);
    const starts = new Set<number>();
    for (const { pageContent, metadata } of splits) {
      expect(pageContent).toMatch(/\n\| (Europe|Asia) \| {2}\|\n\| \1-1 \|/);
      const start = metadata.row_start ?? -1;
      const isFirst = !starts.has(start - (start % 2));
      starts.add(start - (start % 2));
      expect(metadata.repeated_rows ?? []).toEqual(isFirst ? [] : [start - (start % 2)]);
    }
  });
});
