const box = { left: 100, top: 200, width: 800, height: 60 };
const page = { page_number: 1, page_width: 1_700, page_height: 2_200 };

const words = (text: string) =>
  text.split(" ").map((word, index) => ({
    text: word,
    bbox: { left: index * 50, top: 0, width: 45, height: 20 },
    confidence: 0.9,
  }));

let number = 0;
const segment = (segment_type: string, content: string, more: object = {}) => {
  number += 1;
  return {
    segment_id: `s-${number}`,
    segment_type,
    content,
    ...page,
    bbox: box,
    confidence: 0.9,
    ocr: words(content),
    ...more,
  };
};

const TABLE = `<table><thead><tr><th colspan="2">Revenue</th><th>2025</th></tr></thead>${Array.from(
  { length: 12 },
  (_, row) =>
    `<tr><td rowspan="${1 + (row % 2)}">Item ${row}</td><td>&amp; more</td><td>${row * 11}</td></tr>`,
).join("")}</table>`;

/** Valid results, to be damaged. */
export const SOUND_RESULTS: readonly [object, ...object[]] = [
  {
    job_id: "job-1",
    status: "Succeeded",
    file_name: "r.pdf",
    page_count: 2,
    chunks: [
      {
        chunk_id: "c-1",
        embed: "x",
        segments: [
          segment("PageHeader", "Annual report"),
          segment("Title", "Annual report 2025", { markdown: "# Annual report 2025" }),
          segment("SectionHeader", "1 Results", { markdown: "## 1 Results" }),
          segment("Text", "Revenue rose. Costs fell by 3.5 % in the year. ".repeat(12)),
          segment("Caption", "Table 1: Revenue by item"),
          segment("Table", "Revenue Item", {
            html: TABLE,
            markdown: "| Revenue | 2025 |\n| --- | --- |\n| Item | 11 |",
          }),
        ],
      },
      {
        chunk_id: "c-2",
        segments: [
          segment("Picture", "Axis 1 2 3", {
            markdown: "A chart of revenue.",
            image: "https://b.example/i",
            chart_data: { a: [1] },
          }),
          segment("Caption", "Figure 1: Revenue"),
          segment("ListItem", "first", { markdown: "- first" }),
          segment("Footnote", "1 Unaudited."),
          segment("Table", "", {
            content: "",
            markdown: "| a | b |\n| --- | --- |\n| 1 | 2 |",
            page_number: 2,
          }),
          segment("Text", "  "),
          segment("KeyValuePair", "Number 4711", { markdown: "**Number:** 4711" }),
          segment("KeyValuePair", "Insured Jane", { html: "<dl><dt>Insured</dt><dd>Jane</dd></dl>" }),
          segment("Signature", ""),
          segment("Seal", "NOTARY", { cell_references: [{ sheet: "Q1", address: "A1:B2", ref: "Q1!A1" }] }),
          segment("Table", "Revenue Item", {
            segment_id: "s_merged",
            html: TABLE,
            merged_page_bboxes: [1, 2].map((page_number) => ({ ...page, page_number, bbox: box })),
          }),
          segment("PageFooter", "2"),
        ],
      },
    ],
  },
  {
    chunks: [{ segments: [segment("Text", "Only one. 漢字 🙂")] }, {}, { chunk_id: null, segments: null }],
    status: "Succeeded",
  },
];
