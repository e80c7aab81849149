import { randomNumbers } from "../../../test/support/sink-data.js";
import { type LaidOut, layOut } from "./layout.js";
import { PAGE } from "./pages.js";
import { readSource, type Source } from "./source.js";
import { wordsOf } from "./text.js";

type Random = () => number;

const uuid = (random: Random): string =>
  "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx".replace(/x/g, () => Math.floor(random() * 16).toString(16));

const round = (value: number): number => Math.round(value * 100) / 100;

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const SEGMENT_TYPES = {
  text: "Text",
  list: "ListItem",
  caption: "Caption",
  formula: "Formula",
  footnote: "Footnote",
  picture: "Picture",
  table: "Table",
  pageHeader: "PageHeader",
  pageFooter: "PageFooter",
} as const;

const row = (tag: "td" | "th", cells: readonly string[]): string =>
  `<tr>\n${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("\n")}\n</tr>`;

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** Returns type and texts of a segment in the form of the service. */
const textsOf = (
  block: LaidOut["block"],
): { segment_type: string; content: string; html: string; markdown: string } => {
  switch (block.kind) {
    case "heading": {
      const { level, text } = block;
      const segment_type = level === 1 ? "Title" : "SectionHeader";
      const html = `<h${level}>${escapeHtml(text)}</h${level}>`;
      return { segment_type, content: text, html, markdown: `${"#".repeat(level)} ${text}` };
    }
    case "table": {
      const { header, rows } = block;
      return {
        segment_type: "Table",
        content: [header, ...rows].map((cells) => cells.join(" ")).join("\n"),
        html: `<table>\n<thead>\n${row("th", header)}\n</thead>\n<tbody>\n${rows.map((cells) => row("td", cells)).join("\n")}\n</tbody>\n</table>`,
        markdown: [line(header), line(header.map(() => ":---")), ...rows.map(line)].join("\n"),
      };
    }
    case "picture": {
      const { description, words } = block;
      const html = `<p>${escapeHtml(description)}</p>`;
      return { segment_type: "Picture", content: words, html, markdown: description };
    }
    case "list": {
      const content = block.text.replace(/^- /, "");
      const html = `<ul><li>${escapeHtml(content)}</li></ul>`;
      return { segment_type: "ListItem", content, html, markdown: block.text };
    }
    default: {
      const { kind, text } = block;
      const markdown = kind === "formula" ? `$$${text}$$` : text;
      return {
        segment_type: SEGMENT_TYPES[kind],
        content: text,
        html: `<p>${escapeHtml(text)}</p>`,
        markdown,
      };
    }
  }
};

const isImage = (kind: LaidOut["block"]["kind"]): boolean => kind === "table" || kind === "picture";

const toSegment = ({ block, page, bbox, words }: LaidOut, random: Random) => {
  const segment_id = uuid(random);
  return {
    segment_id,
    ...textsOf(block),
    image: isImage(block.kind) ? `https://bucket.example/crops/${segment_id}.jpg?X-Amz-Expires=3600` : null,
    page_number: page,
    page_width: PAGE.width,
    page_height: PAGE.height,
    confidence: random() < 0.05 ? null : round(0.4 + random() * 0.59),
    bbox: {
      left: round(bbox.left),
      top: round(bbox.top),
      width: round(bbox.width),
      height: round(bbox.height),
    },
    ocr: words.map((word) => ({
      bbox: {
        left: round(word.bbox.left - bbox.left),
        top: round(word.bbox.top - bbox.top),
        width: round(word.bbox.width),
        height: round(word.bbox.height),
      },
      text: word.text,
      confidence: isImage(block.kind) ? round(0.85 + random() * 0.15) : null,
    })),
    references: null,
  };
};

type ResultSegment = ReturnType<typeof toSegment>;

const countWords = (text: string): number => wordsOf(text).length;

/** Makes chunks as the service does: a few segments in reading order, of at most one page. */
const toChunks = (segments: readonly ResultSegment[], random: Random) => {
  const groups: ResultSegment[][] = [];
  let room = 0;
  for (const segment of segments) {
    const open = groups.at(-1);
    const words = countWords(segment.markdown);
    const isNewPage = open?.[0]?.page_number !== segment.page_number;
    if (!open || isNewPage || words > room || random() < 0.15) {
      groups.push([segment]);
      room = 60 + Math.floor(random() * 160) - words;
    } else {
      open.push(segment);
      room -= words;
    }
  }
  return groups.map((group) => {
    const embed = group.map(({ markdown }) => markdown).join("\n");
    return { chunk_id: uuid(random), chunk_length: countWords(embed), embed, segments: group };
  });
};

/** Makes the parse result of an authored document, in the format of `GET /parse/{job_id}`; the same for the same source. */
export const typesetSource = (source: Source) => {
  const random = randomNumbers(source.seed);
  const laidOut = layOut(source);
  const chunks = toChunks(
    laidOut.map((one) => toSegment(one, random)),
    random,
  );
  return {
    job_id: uuid(random),
    status: "Succeeded",
    message: "Task succeeded",
    file_name: source.file,
    file_type: "application/pdf",
    created_at: "2026-05-22T11:29:17.964433Z",
    started_at: "2026-05-22T11:29:18.040527Z",
    finished_at: "2026-05-22T11:29:32.109418Z",
    merge_tables: false,
    page_count: laidOut.at(-1)?.page ?? 0,
    total_chunks: chunks.length,
    chunks,
  };
};

/**
 * Lays out an authored document on pages and returns what the parse API would answer for them.
 *
 * @param text see `readSource`
 * @throws Error when the text has no settings
 */
export const typeset = (text: string) => typesetSource(readSource(text));
