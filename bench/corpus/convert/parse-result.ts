import { v5 as uuidv5 } from "uuid";

/** One element of a document, as plain text. */
export interface Block {
  type: "Title" | "SectionHeader" | "Text" | "ListItem";
  text: string;
}

/** A document to be searched. */
export interface SourceDocument {
  /** Name of its file, without ending. */
  name: string;
  blocks: Block[];
}

/** Any namespace does: ids only have to be the same in every run. */
const NAMESPACE = "1f0c8b58-6a5f-5c0e-8d0b-7a4c5b3f2e11";

const PAGE = { width: 1700, height: 2200, margin: 150 };
const LINE = { Title: 56, SectionHeader: 42, Text: 28, ListItem: 28 };
const GAP = 20;
const CHARACTERS_PER_LINE = 100;

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const textsOf = ({ type, text }: Block): { html: string; markdown: string } => {
  const html = escapeHtml(text);
  switch (type) {
    case "Title":
      return { html: `<h1>${html}</h1>`, markdown: `# ${text}` };
    case "SectionHeader":
      return { html: `<h2>${html}</h2>`, markdown: `## ${text}` };
    case "ListItem":
      return { html: `<ul><li>${html}</li></ul>`, markdown: `- ${text}` };
    case "Text":
      return { html: `<p>${html}</p>`, markdown: text };
  }
};

/** Makes the parse result of a document: blocks one below the other on as many pages as they need, in one chunk. */
export const parseResultOf = ({ name, blocks }: SourceDocument): object => {
  const id = (part: string): string => uuidv5(`${name}\n${part}`, NAMESPACE);
  let page = 1;
  let top = PAGE.margin;
  const segments = blocks.map((block, index) => {
    const height = LINE[block.type] * Math.ceil(block.text.length / CHARACTERS_PER_LINE);
    if (top > PAGE.margin && top + height > PAGE.height - PAGE.margin) {
      page += 1;
      top = PAGE.margin;
    }
    const bbox = { left: PAGE.margin, top, width: PAGE.width - 2 * PAGE.margin, height };
    top += height + GAP;
    return {
      segment_id: id(`segment ${index}`),
      segment_type: block.type,
      content: block.text,
      ...textsOf(block),
      image: null,
      page_number: page,
      page_width: PAGE.width,
      page_height: PAGE.height,
      confidence: 0.9,
      bbox,
      ocr: [],
      references: null,
    };
  });
  const embed = segments.map(({ markdown }) => markdown).join("\n");
  return {
    job_id: id("job"),
    status: "Succeeded",
    message: "Task succeeded",
    file_name: `${name}.pdf`,
    file_type: "application/pdf",
    page_count: page,
    total_chunks: 1,
    credit_used: page,
    merge_tables: false,
    configuration: {},
    chunks: [{ chunk_id: id("chunk"), chunk_length: Math.ceil(embed.length / 4), embed, segments }],
  };
};
