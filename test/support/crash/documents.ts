import { createHash } from "node:crypto";
import { SeededRandom } from "../seeded-random.js";

/** A substitute for a PDF, with its parse result. */
export interface CrashDocument {
  fileName: string;
  bytes: string;
  result: { page_count: number; chunks: { chunk_id: string; segments: CrashSegment[] }[] };
}

export interface CrashSegment {
  segment_id: string;
  segment_type: string;
  content: string;
  html?: string;
  markdown?: string;
  page_number: number;
  page_width: number;
  page_height: number;
  bbox: { left: number; top: number; width: number; height: number };
  confidence: number;
}

const WORDS = [
  ..."battery grid region revenue margin lease covenant site capacity storage dispatch energy board".split(
    " ",
  ),
  ..."dividend contract safety audit winter summer margin price hour export battery coupon bond".split(" "),
] as [string, ...string[]];

/** Text of every document, so that documents share a text and repeat it. */
const NOTICE = "This report was prepared for the members of the association and is not an offer of any kind.";

const sentence = (random: SeededRandom): string =>
  `The ${Array.from({ length: random.integer(8, 16) }, () => random.pick(WORDS)).join(" ")} of ${random.integer(1000, 9999)}.`;

const paragraph = (random: SeededRandom): string =>
  Array.from({ length: random.integer(2, 6) }, () => sentence(random)).join(" ");

const table = (random: SeededRandom): Pick<CrashSegment, "content" | "html"> => {
  const rows = Array.from({ length: random.integer(2, 9) }, () => [
    `${random.pick(WORDS)} ${random.integer(1, 999)}`,
    String(random.integer(100, 9999)),
  ]);
  const cells = (name: string, row: string[]) =>
    `<tr>${row.map((text) => `<${name}>${text}</${name}>`).join("")}</tr>`;
  const html = `<table><thead>${cells("th", ["Item", "Value"])}</thead><tbody>${rows
    .map((row) => cells("td", row))
    .join("")}</tbody></table>`;
  return { content: ["Item Value", ...rows.map((row) => row.join(" "))].join("\n"), html };
};

/** Rows of every fifth document: enough points for more than one request to Qdrant. */
const REGISTER = { every: 5, pages: 6, tablesPerPage: 22 };

type Sketch = [type: string, fields: Partial<CrashSegment>];

const pageOf = (name: string, page: number, tables: number, random: SeededRandom): Sketch[] => [
  ["PageHeader", { content: `${name} | Annual report` }],
  ...(page === 1 ? [["Title", { content: `Report ${name}` }] satisfies Sketch] : []),
  ["SectionHeader", { content: `Part ${page}: ${random.pick(WORDS)}` }],
  ["Text", { content: paragraph(random) }],
  ["Text", { content: NOTICE }],
  ["Text", { content: paragraph(random) }],
  ["Caption", { content: `Table ${page}: ${sentence(random)}` }],
  ...Array.from({ length: tables }, (): Sketch => ["Table", table(random)]),
  ...(random.next() < 0.4 ? [["Text", { content: "" }] satisfies Sketch] : []),
  ...(random.next() < 0.4
    ? ([
        ["Picture", { content: "", markdown: `A chart of ${sentence(random)}` }],
        ["Caption", { content: `Figure ${page}: ${sentence(random)}` }],
      ] satisfies Sketch[])
    : []),
  ["PageFooter", { content: `Page ${page}` }],
];

const makeDocument = (seed: string, number: number): CrashDocument => {
  const random = new SeededRandom(`${seed}:document:${number}`);
  const name = `report-${String(number).padStart(2, "0")}`;
  const isRegister = number % REGISTER.every === 0;
  const pages = isRegister ? REGISTER.pages : random.integer(1, 6);
  const tables = isRegister ? REGISTER.tablesPerPage : 1;
  let place = 0;
  const chunks = Array.from({ length: pages }, (_, index) => ({
    chunk_id: `chunk-${index + 1}`,
    segments: pageOf(name, index + 1, tables, random).map(([segment_type, rest], position): CrashSegment => {
      const { content = "", ...others } = rest;
      return {
        segment_id: `segment-${++place}`,
        segment_type,
        content,
        markdown: content,
        page_number: index + 1,
        page_width: 1000,
        page_height: 1400,
        bbox: { left: 100, top: 60 + position * 100, width: 800, height: 80 },
        confidence: random.integer(50, 99) / 100,
        ...others,
      };
    }),
  }));
  const bytes = `%PDF-1.7\n% ${name} ${createHash("sha256").update(`${seed}:${number}`).digest("hex")}\n%%EOF\n`;
  return { fileName: `${name}.pdf`, bytes, result: { page_count: pages, chunks } };
};

/**
 * Makes documents with texts, tables, captions, pictures, headers, footers and empty segments; the same for the
 * same seed.
 */
export const makeDocuments = (seed: string, count: number): CrashDocument[] =>
  Array.from({ length: count }, (_, index) => makeDocument(seed, index + 1));

export const segmentsOf = ({ result }: CrashDocument): CrashSegment[] =>
  result.chunks.flatMap(({ segments }) => segments);

/** Returns whether a segment is left out by default: page headers and footers, and segments without text. */
export const isLeftOut = ({ segment_type, content, markdown }: CrashSegment): boolean =>
  segment_type === "PageHeader" || segment_type === "PageFooter" || `${content}${markdown ?? ""}` === "";
