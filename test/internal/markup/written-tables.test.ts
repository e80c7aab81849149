import { describe, expect, it } from "vitest";
import { UnsiloedResultLoader } from "../../../loaders/result-loader.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";

/** The splits of a segment whose only form is Markdown or content. */
const splitsOf = async (fields: { markdown?: string; content?: string }, type = "Table") => {
  const segments = [{ segment_type: type, page_number: 1, ...fields }];
  const documents = await new UnsiloedResultLoader({ chunks: [{ segments }] }).load();
  return new SegmentSplitter({ chunkSize: 400, chunkOverlap: 0, threads: 0 }).splitDocuments(documents);
};

const shown = async (markdown: string): Promise<string> =>
  (await splitsOf({ markdown })).map(({ pageContent }) => pageContent).join("\n\n");

describe("grid tables", () => {
  it("are tables with a header", async () => {
    const grid = `
+-------+-----+
| Name  | Qty |
+=======+=====+
| Bolt  | 4   |
| M6    |     |
+-------+-----+
| *Nut* | 1   |
+-------+-----+`;
    const [split] = await splitsOf({ markdown: grid });
    expect(split?.metadata.header).toEqual(["Name", "Qty"]);
    expect(split?.pageContent).toBe("| Name | Qty |\n| --- | --- |\n| Bolt M6 | 4 |\n| Nut | 1 |");
  });

  it("have cells over several columns and rows", async () => {
    const grid = [
      "+--------+-----------------+",
      "| Site   | Power           |",
      "|        +--------+--------+",
      "|        | 2023   | 2024   |",
      "+========+========+========+",
      "| Alder  | 20     | 22     |",
      "|        +--------+--------+",
      "|        | 21     | 23     |",
      "+--------+--------+--------+",
    ].join("\n");
    const [split] = await splitsOf({ content: grid });
    expect(split?.metadata.header).toEqual(["Site", "Power / 2023", "Power / 2024"]);
    expect(split?.pageContent).toContain("| Alder | 20 | 22 |\n| Alder | 21 | 23 |");
  });

  it("are read where wide characters take two columns, and keep the text around them", async () => {
    const grid = [
      "Above",
      "",
      "+------+----+",
      "| 品目 | 数 |",
      "+======+====+",
      "| 釘   | 4  |",
      "+------+----+",
    ];
    const text = await shown(grid.join("\n"));
    expect(text).toContain("| 品目 | 数 |\n| --- | --- |\n| 釘 | 4 |");
    expect(text).toContain("Above");
  });

  it("do not change drawings that are not tables", async () => {
    expect(await shown("a + b +--+ c\nd")).toBe("a + b +--+ c\nd");
  });

  it("have a row on each line where rules are around the header only, as databases draw them", async () => {
    const grid =
      "+----+------+\n| id | name |\n+----+------+\n|  1 | zoe  |\n|  2 |      |\n|  3 | max  |\n+----+------+";
    const [split] = await splitsOf({ markdown: grid });
    expect(split?.metadata.header).toEqual(["id", "name"]);
    expect(split?.pageContent).toBe("| id | name |\n| --- | --- |\n| 1 | zoe |\n| 2 |  |\n| 3 | max |");
    const bare = " id | name \n----+------\n  1 | zoe\n  2 | max\n(2 rows)";
    expect(await shown(bare)).toContain("| id | name |\n| --- | --- |\n| 1 | zoe |\n| 2 | max |");
  });

  it("have a cell of several lines in one row", async () => {
    const grid = "+------+---+\n| Name | N |\n+======+===+\n| Long | a |\n| name |   |\n+------+---+";
    expect(await shown(grid)).toBe("| Name | N |\n| --- | --- |\n| Long name | a |");
  });
});

describe("tables in LaTeX", () => {
  it("have the rows above the first rule as their header", async () => {
    const latex = String.raw`\begin{table}[h]\centering
\caption{Results of 2024}
\begin{tabular}{lrr}
\toprule
Metric & 2023 & 2024 \\
\midrule
Revenue\textsuperscript{1} & 1,204 & 1,310 \\ % a comment
R\&D, \textbf{net} & $10^{6}$ & 5\,\% \\
\bottomrule
\end{tabular}
\label{tab:x}
\end{table}`;
    const [split] = await splitsOf({ markdown: latex });
    expect(split?.metadata.header).toEqual(["Metric", "2023", "2024"]);
    expect(split?.pageContent).toContain(
      "| Metric | 2023 | 2024 |\n| --- | --- | --- |\n| Revenue [1] | 1,204 | 1,310 |\n| R&D, net | 10^6 | 5 % |",
    );
    expect(split?.pageContent).toContain("Results of 2024");
    expect(split?.pageContent).not.toMatch(/tab:x|comment|\\/);
  });

  it("have cells over several columns and rows", async () => {
    const latex = String.raw`\begin{tabular}{|l|c|c|}
\hline
\multirow{2}{*}{Site} & \multicolumn{2}{c|}{Power (MW)} \\ \cline{2-3}
 & 2023 & 2024 \\ \hline
\multirow{2}{*}{\shortstack{Alder\\North}} & 20 & 22 \\
 & 21 & 23 \\ \hline
\end{tabular}`;
    const [split] = await splitsOf({ content: latex });
    expect(split?.metadata.header).toEqual(["Site", "Power (MW) / 2023", "Power (MW) / 2024"]);
    expect(split?.pageContent).toContain("| Alder North | 20 | 22 |\n| Alder North | 21 | 23 |");
  });

  it("repeat the header of a long table once", async () => {
    const latex = String.raw`\begin{longtable}{ll}
\caption{Parts}\\
\hline Name & Qty \\ \hline \endfirsthead
\hline Name & Qty \\ \hline \endhead
\hline \multicolumn{2}{r}{continued} \\ \endfoot
Bolt & 4 \\ Nut & $\pm 2$ \\
\end{longtable} Below`;
    const text = await shown(latex);
    expect(text).toContain("| Name | Qty |\n| --- | --- |\n| Bolt | 4 |\n| Nut | ±2 |");
    expect(text).not.toContain("continued");
    expect(text).toContain("Below");
  });

  it("are read in tabularx and array, with accents and symbols", async () => {
    const latex = String.raw`\begin{tabularx}{\textwidth}{Xr} Ort & Anteil \\ \hline M\"unchen & $\leq 5$~\% \\ K\"oln -- S\"ud & \checkmark \\ \end{tabularx}`;
    expect(await shown(latex)).toContain("| München | ≤5 % |\n| Köln – Süd | ✓ |");
  });

  it("do not change a table in Markdown whose cells have formulas", async () => {
    const markdown = "| a | b |\n|---|---|\n| $\\begin{array}{c}1\\end{array}$ | 2 |";
    expect((await splitsOf({ markdown }))[0]?.metadata.header).toEqual(["a", "b"]);
  });

  it("end at the end of the text", async () => {
    const broken = `\\begin{tabular}{ll} a & b \\\\ ${"{".repeat(3_000)} c & d`;
    expect(await shown(broken)).toContain("a");
    expect((await shown(`\\begin{tabular}${"\\multirow{2}{*}{".repeat(500)}`)).length).toBeGreaterThanOrEqual(
      0,
    );
  });
});

describe("segments of text", () => {
  const grid = "+----+------+\n| id | name |\n+----+------+\n|  1 | zoe  |\n|  2 | max  |\n+----+------+";
  const latex =
    "\\begin{tabular}{lr}\n\\hline\nid & name \\\\\n\\hline\n1 & zoe \\\\\n2 & max \\\\\n\\end{tabular}";
  const array = "\\begin{array}{cc} 1 & 0 \\\\ 0 & 1 \\end{array}";

  it.each([
    ["a grid", grid],
    ["a grid in a fence of code", `\`\`\`text\n${grid}\n\`\`\``],
    ["a table as psql prints it", " id | name \n----+------\n  1 | zoe\n  2 | max"],
    ["a table in LaTeX", latex],
  ])("are tables if they are only %s", async (_, content) => {
    const [split] = await splitsOf({ content }, "Text");
    expect(split?.metadata.segment_type).toBe("Table");
    expect(split?.metadata.header).toEqual(["id", "name"]);
    expect(split?.pageContent).toContain("| id | name |\n| --- | --- |\n| 1 | zoe |\n| 2 | max |");
  });

  it.each([
    ["text before a grid", `The query prints:\n\n${grid}`],
    ["text after a table in LaTeX", `${latex}\nas was shown.`],
    ["LaTeX in a fence of code", `\`\`\`latex\n${latex}\n\`\`\``],
    ["an array of a formula", array],
  ])("stay text with %s", async (_, content) => {
    const splits = await splitsOf({ content }, "Text");
    expect(splits.map(({ metadata }) => metadata.segment_type)).toEqual(["Text"]);
    expect(splits[0]?.pageContent).toBe(content);
  });
});
