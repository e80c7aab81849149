import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Random } from "../support/random.js";

const AUTHORED = path.resolve(import.meta.dirname, "../retrieval/data");
const PAGE = { width: 1191, height: 1684 };
const MARGIN = 110;
const TEXT_WIDTH = PAGE.width - 2 * MARGIN;
const CHARACTER_WIDTH = 7.13;
const SPACE_WIDTH = 6.5;
const WORD_HEIGHT = 18.5;
const LINE_HEIGHT = 24.37;
const SEGMENT_GAP = 12;
const SEGMENTS_PER_CHUNK = 5;
const SEGMENTS_PER_SECTION = 25;
const SEGMENTS_PER_TABLE = 50;
const TABLE_ROWS = 30;

/** Sentences of the authored documents, so that the tokens are those of ordinary English. */
export const readSentences = async (): Promise<[string, ...string[]]> => {
  const names = ["contract.md", "manual.md", "paper.md"];
  const texts = await Promise.all(names.map((name) => readFile(path.join(AUTHORED, name), "utf8")));
  const prose = texts.flatMap((text) => text.split("\n").filter((line) => /^[A-Z]/.test(line)));
  const [first, ...rest] = prose.flatMap((line) => line.match(/[A-Z][^.|]{60,200}\.(?=\s|$)/g) ?? []);
  if (!first || rest.length < 100) throw new Error("the authored documents have too few sentences");
  return [first, ...rest];
};

const box = (left: number, top: number, width: number, height: number) => ({ left, top, width, height });

/** Words with their boxes, and the height of the lines that they are printed in. */
interface Printed {
  words: { bbox: ReturnType<typeof box>; text: string; confidence: number }[];
  height: number;
}

/**
 * Prints rows of cells, each cell at the left edge of its column and broken into lines within its width. Boxes are as
 * the service gives them: relative to the corner of the segment, numbers with all digits of a double.
 */
const print = (rows: readonly (readonly string[])[], random: Random): Printed => {
  const words: Printed["words"] = [];
  let top = 0;
  for (const cells of rows) {
    const columnWidth = TEXT_WIDTH / cells.length;
    let lines = 1;
    for (const [column, cell] of cells.entries()) {
      const [start, end] = [column * columnWidth, (column + 1) * columnWidth];
      let left = start;
      let line = 0;
      for (const text of cell.split(" ")) {
        const width = text.length * CHARACTER_WIDTH;
        if (left > start && left + width > end) {
          left = start;
          line += 1;
        }
        const bbox = box(left, top + line * LINE_HEIGHT, width, WORD_HEIGHT);
        words.push({ bbox, text, confidence: 0.8 + random.next() * 0.2 });
        left = left + width + SPACE_WIDTH;
      }
      lines = Math.max(lines, line + 1);
    }
    top += lines * LINE_HEIGHT;
  }
  return { words, height: top };
};

/** Places segments one below the other, on as many pages as they need. */
class Pages {
  page = 1;
  #top = MARGIN;

  /** Returns the box of the next segment, on the page that is current afterwards. */
  place(height: number) {
    if (this.#top + height > PAGE.height - MARGIN && this.#top > MARGIN) {
      this.page += 1;
      this.#top = MARGIN;
    }
    const top = this.#top;
    this.#top += height + SEGMENT_GAP;
    return box(MARGIN, top, TEXT_WIDTH, height);
  }
}

/** Makes a simple table of numbers. */
export const makeTable = (rows: number, random: Random) => {
  const header = ["Position", "Quantity", "Unit price", "Amount"];
  const body = Array.from({ length: rows }, (_, row) => [
    `Item ${row + 1} of lot ${random.between(100, 999)}`,
    String(random.between(1, 90)),
    `${random.between(1, 900)}.${random.between(10, 99)}`,
    `${random.between(1000, 90_000)}`,
  ]);
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}>${cell}</${tag}>`).join("");
  const html =
    `<table><thead><tr>${cells(header, "th")}</tr></thead><tbody>` +
    `${body.map((row) => `<tr>${cells(row, "td")}</tr>`).join("")}</tbody></table>`;
  const markdown = [header, header.map(() => "---"), ...body]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
  return { html, markdown, rows: [header, ...body] };
};

const makeSegment = (index: number, sentences: [string, ...string[]], pages: Pages, random: Random) => {
  const kind =
    index % SEGMENTS_PER_SECTION === 0
      ? "SectionHeader"
      : index % SEGMENTS_PER_TABLE === SEGMENTS_PER_TABLE - 1
        ? "Table"
        : "Text";
  const table = kind === "Table" ? makeTable(TABLE_ROWS, random) : undefined;
  const text =
    kind === "SectionHeader"
      ? `${index / SEGMENTS_PER_SECTION + 1} Findings of part ${random.between(1, 99)}`
      : [0, 1, 2].map(() => random.pick(sentences)).join(" ");
  const markdown = table?.markdown ?? (kind === "SectionHeader" ? `## ${text}` : text);
  const { words, height } = print(table?.rows ?? [[text]], random);
  const bbox = pages.place(height);
  return {
    segment_id: `s-${index}`,
    segment_type: kind,
    content: table ? table.rows.flat().join(" ") : text,
    markdown,
    html: table?.html ?? `<p>${text}</p>`,
    image: null,
    page_number: pages.page,
    page_width: PAGE.width,
    page_height: PAGE.height,
    bbox,
    confidence: Number((0.7 + random.next() * 0.3).toFixed(6)),
    ocr: words,
    references: null,
  };
};

/** Makes the parse result of a document, in the format of `GET /parse/{job_id}`; the same for the same seed. */
export const makeResult = (segments: number, seed: number, sentences: [string, ...string[]]) => {
  const random = new Random(seed);
  const pages = new Pages();
  const all = Array.from({ length: segments }, (_, index) => makeSegment(index, sentences, pages, random));
  const chunks = Array.from({ length: Math.ceil(segments / SEGMENTS_PER_CHUNK) }, (_, index) => {
    const some = all.slice(index * SEGMENTS_PER_CHUNK, (index + 1) * SEGMENTS_PER_CHUNK);
    const embed = some.map(({ markdown }) => markdown).join("\n\n");
    return { chunk_id: `c-${index}`, chunk_length: embed.split(" ").length, embed, segments: some };
  });
  return { file_name: `document-${seed}.pdf`, page_count: pages.page, total_chunks: chunks.length, chunks };
};

/** Writes the results of `documents` documents, seeds from 1. @returns their paths and bytes */
export const writeResults = async (directory: string, documents: number, segments: number) => {
  const sentences = await readSentences();
  await mkdir(directory, { recursive: true });
  const files: string[] = [];
  let bytes = 0;
  for (let index = 0; index < documents; index++) {
    const file = path.join(directory, `document-${index + 1}.json`);
    const json = JSON.stringify(makeResult(segments, index + 1, sentences));
    bytes += Buffer.byteLength(json);
    await writeFile(file, json);
    files.push(file);
  }
  return { files, bytes };
};
