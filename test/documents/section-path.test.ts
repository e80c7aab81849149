import { describe, expect, it } from "vitest";
import { embeddingText, lexicalTexts } from "../../src/documents/embedding-text.js";
import { SectionPath } from "../../src/documents/sections/section-path.js";
import type { Segment, Word } from "../../src/documents/segment.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { heading, segmentsOf, text } from "../support/splitters/segments.js";

interface Line {
  text: string;
  type?: string;
  /** Level in Markdown. @default 2 */
  level?: number;
  /** Height of one line. @default no box */
  height?: number;
  lines?: number;
  words?: boolean;
}

const LETTER = 0.42;

const segmentOf = ({ text, type = "SectionHeader", level = 2, height, lines = 1, words }: Line): Segment => {
  const width = height ? Math.ceil((text.length / lines) * height * LETTER) : 0;
  const ocr = Array.from({ length: lines }, (_, line): Word => {
    const top = line * (height ?? 0);
    return { text: "w", bbox: { left: 0, top: top + 2, width: 10, height: (height ?? 0) - 4 } };
  });
  return {
    segment_type: type,
    page_number: 1,
    chart_data: undefined,
    references: undefined,
    markdown: level > 0 ? `${"#".repeat(level)} ${text}` : text,
    bbox: height ? { left: 0, top: 0, width, height: height * lines } : null,
    ocr: words ? ocr : null,
  };
};

/** Returns the section path after each heading, as `A > B`. */
const pathsOf = (lines: readonly (Line | string)[]): string[] => {
  const sections = new SectionPath();
  return lines.map((line) => {
    const given = typeof line === "string" ? { text: line } : line;
    return sections.enter(segmentOf(given), given.text).join(" > ");
  });
};

describe("levels of headings from Markdown", () => {
  it("are used when they differ, even against the heights", () => {
    expect(
      pathsOf([
        { text: "Report", type: "Title", level: 1, height: 20 },
        { text: "Results", level: 2, height: 20 },
        { text: "Revenue", level: 3, height: 20 },
        { text: "Costs", level: 3, height: 44 },
        { text: "Risks", level: 2, height: 12 },
      ]),
    ).toEqual([
      "Report",
      "Report > Results",
      "Report > Results > Revenue",
      "Report > Results > Costs",
      "Report > Risks",
    ]);
  });

  it("are ignored while they are all equal, and headings are then siblings unless something else tells them apart", () => {
    expect(pathsOf(["Results", "Risks"])).toEqual(["Results", "Risks"]);
    expect(pathsOf([{ text: "Report", type: "Title" }, "Risks", { text: "Next", type: "Title" }])).toEqual([
      "Report",
      "Report > Risks",
      "Next",
    ]);
  });
});

describe("levels of headings from heights", () => {
  it.each([2, 0])("separate sections from subsections when every heading has %s marks", (level) => {
    const all = [
      { text: "Report", type: "Title", height: 48 },
      { text: "Results", height: 34 },
      { text: "Revenue", height: 26 },
      { text: "Costs", height: 25 },
      { text: "Risks", height: 33 },
      { text: "Price risk", height: 27 },
    ];
    expect(pathsOf(all.map((line) => ({ ...line, level })))).toEqual([
      "Report",
      "Report > Results",
      "Report > Results > Revenue",
      "Report > Results > Costs",
      "Report > Risks",
      "Report > Risks > Price risk",
    ]);
  });

  it.each([true, false])("are measured per line (words known: %s)", (words) => {
    const long = "Revenue by service line and by region, restated for the sold businesses";
    expect(
      pathsOf([
        { text: "Results", height: 34, words },
        { text: long, height: 24, lines: 2, words },
        { text: "Costs", height: 24, words },
        { text: "Risks", height: 34, words },
      ]),
    ).toEqual(["Results", `Results > ${long}`, "Results > Costs", "Risks"]);
  });

  it.each([
    ["boxes of the font", [25.8, 17.9, 21.5, 21.5, 21.5, 21.5]],
    ["boxes of the font, with a title larger by as much as a descender", [32.5, 25, 25, 25, 25, 25]],
    ["boxes of the ink", [31, 16.4, 19.9, 19.9, 25.8, 19.9]],
  ])("keep the title above headings of one font size in %s", (_, heights) => {
    const titles = [
      "Making Policy Accountable",
      "Abstract",
      "Introduction",
      "Related Work",
      "System Design",
      "Conclusions",
    ];
    const title = titles[0] ?? "";
    expect(pathsOf(titles.map((text, index) => ({ text, height: heights[index] ?? 0 })))).toEqual([
      title,
      ...titles.slice(1).map((text) => `${title} > ${text}`),
    ]);
  });

  it.each([
    ["without a descender", "Übersicht", 24],
    ["with brackets", "Risks (net)", 27],
    ["of small letters only", "sums", 14],
    ["in Cyrillic", "Структура", 25],
  ])(
    "treat a heading %s as equal to others whose ink is as high as their letters are",
    (_, other, height) => {
      const headings = [
        { text: "Risks", height: 20 },
        { text: "Property", height: 26 },
        { text: "Scale", height: 20 },
      ];
      expect(pathsOf([...headings, { text: other, height }]).at(-1)).toBe(other);
    },
  );

  it("place headings without a number below one of equal size that has a number", () => {
    const titles = [
      "4 Campaign",
      "5 Experiments",
      "Baselines",
      "Class Labels",
      "5.1 Data",
      "Sources",
      "(a) Maps",
      "Limits",
      "6 Conclusion",
      "References",
      "Appendix A",
      "Proofs",
      "Appendix B",
    ];
    expect(pathsOf(titles.map((text) => ({ text, height: 20 })))).toEqual([
      "4 Campaign",
      "5 Experiments",
      "5 Experiments > Baselines",
      "5 Experiments > Class Labels",
      "5 Experiments > 5.1 Data",
      "5 Experiments > 5.1 Data > Sources",
      "5 Experiments > 5.1 Data > Sources > (a) Maps",
      "5 Experiments > 5.1 Data > Limits",
      "6 Conclusion",
      "References",
      "Appendix A",
      "Appendix A > Proofs",
      "Appendix B",
    ]);
  });

  it("keep a larger heading without a number out of the numbered section before it", () => {
    expect(
      pathsOf([
        { text: "1 Scope", height: 20 },
        { text: "Methods", height: 26 },
        { text: "2 Costs", height: 20 },
      ]),
    ).toEqual(["1 Scope", "Methods", "Methods > 2 Costs"]);
  });

  it("treat headings as equal when only letters below the line make their boxes differ", () => {
    expect(
      pathsOf([
        { text: "Risks", height: 22 },
        { text: "Property", height: 28 },
        { text: "Scale", height: 21 },
      ]),
    ).toEqual(["Risks", "Property", "Scale"]);
  });
});

describe("levels of headings from numbering", () => {
  it("nest the clauses of a contract whose headings all look the same", () => {
    const contract = [
      { text: "Lease", type: "Title", height: 30 },
      ...[
        "Recitals",
        "1. Definitions",
        "1.1 Terms",
        "(a) Rent",
        "(h) Term",
        "(i) Tenant",
        "1.2 Reading",
        "Example",
        "1.3 Notices",
        "2. Rent",
        "2.1 Amount",
        "(a) Base",
        "(i) Yearly",
        "(ii) Monthly",
        "(b) Costs",
        "Signatures",
        "Schedule 1",
        "1. Plan",
        "1.1 Floor",
        "Schedule 2",
      ].map((text) => ({ text, height: 30 })),
    ];
    expect(pathsOf(contract).map((path) => path.replace(/^Lease( > )?/, ""))).toEqual([
      "",
      "Recitals",
      "1. Definitions",
      "1. Definitions > 1.1 Terms",
      "1. Definitions > 1.1 Terms > (a) Rent",
      "1. Definitions > 1.1 Terms > (h) Term",
      "1. Definitions > 1.1 Terms > (i) Tenant",
      "1. Definitions > 1.2 Reading",
      "1. Definitions > 1.2 Reading > Example",
      "1. Definitions > 1.3 Notices",
      "2. Rent",
      "2. Rent > 2.1 Amount",
      "2. Rent > 2.1 Amount > (a) Base",
      "2. Rent > 2.1 Amount > (a) Base > (i) Yearly",
      "2. Rent > 2.1 Amount > (a) Base > (ii) Monthly",
      "2. Rent > 2.1 Amount > (b) Costs",
      "Signatures",
      "Schedule 1",
      "Schedule 1 > 1. Plan",
      "Schedule 1 > 1. Plan > 1.1 Floor",
      "Schedule 2",
    ]);
  });

  it.each([
    [
      "CHAPTER I, Article 1, CHAPTER II, SECTION 1, Article 2, SECTION 2, Article 3, CHAPTER III, Article 4, Annex I",
      "1 2 1 2 3 2 3 1 2 1",
    ],
    ["ARTICLE I, Section 1.1, Section 1.2, ARTICLE II, Section 2.1", "1 2 2 1 2"],
    ["A. Umfang, I. Zweck, 1. Ziel, a) Nutzen, 2. Weg, II. Grenzen, B. Kosten", "1 2 3 4 3 2 1"],
    ["第1章 総則, 第一節 目的, 第二節 定義, 第2章 契約", "1 2 2 1"],
    ["1 Introduction, 2 Methods, 2.1 Data, 2.1.1 Sites, 3 Results, A. Proofs, A.1 Lemma", "1 1 2 3 1 1 2"],
    ["PART I, Item 1. Business, Item 1A. Risk Factors, PART II, Item 5. Market", "1 2 2 1 2"],
    ["I Introduction, II Methods, 1. Data, 2. Model, III Results, IV Discussion, V Outlook", "1 1 2 2 1 1 1"],
    ["Title I, Chapter 1, Art. 1, Art. 2, Chapter 2, Title II", "1 2 3 3 2 1"],
    ["Appendix B, Appendix B.1, Appendix B.2, Annex C", "1 2 2 1"],
    ["第一章 总则, 第一条 目的, 第二条 范围, 第三章 租金, 附件一 清单", "1 2 2 1 1"],
    ["一、总则, （一）目的, （二）范围, 1. 租金, 二、费用", "1 2 2 3 1"],
    ["第１章 総則, 第１条 目的, 第２章 契約, 別表１ 料金", "1 2 1 1"],
    ["제1장 총칙, 제1조 목적, 제2조 정의, 제2장 계약", "1 2 2 1"],
    ["Κεφάλαιο 1, Άρθρο 1, Άρθρο 2, Κεφάλαιο 2", "1 2 2 1"],
    ["Глава 1, Статья 1, Статья 2, Глава 2, Приложение 1", "1 2 2 1 1"],
    ["§ 1 Zweck, § 2 Dauer, (a) Beginn, § 3 Ende", "1 1 2 1"],
  ])("nest %s", (headings, depths) => {
    const lines = headings.split(", ");
    expect(
      pathsOf(lines)
        .map((path) => path.split(" > ").length)
        .join(" "),
    ).toBe(depths);
  });

  it("are used before heights, and do not mistake years and amounts for numbering", () => {
    expect(
      pathsOf([
        { text: "1. Scope", height: 20 },
        { text: "1.1 Aim", height: 40 },
        { text: "2. Cost", height: 12 },
      ]),
    ).toEqual(["1. Scope", "1. Scope > 1.1 Aim", "2. Cost"]);
    expect(pathsOf(["Note a change", "Part Civil", "Note 1 Basis"])).toEqual([
      "Note a change",
      "Part Civil",
      "Note 1 Basis",
    ]);
    expect(pathsOf(["2. Results", "2025 Outlook", "12 months to May"])).toEqual([
      "2. Results",
      "2025 Outlook",
      "12 months to May",
    ]);
  });

  it("are used after Markdown levels that differ, unless a number contains the number of its parent", () => {
    expect(
      pathsOf([{ text: "2. Costs" }, { text: "1. Rent", level: 3 }, { text: "2. Heating", level: 3 }]),
    ).toEqual(["2. Costs", "2. Costs > 1. Rent", "2. Costs > 2. Heating"]);
    expect(pathsOf([{ text: "1. A" }, { text: "1.1 B", level: 3 }, { text: "1.2 C", level: 1 }])).toEqual([
      "1. A",
      "1. A > 1.1 B",
      "1. A > 1.2 C",
    ]);
  });
});

describe("headings that start no section", () => {
  it("include a caption that the service returned as a heading", () => {
    expect(pathsOf(["Safety", "Table 3: Indicators", "Figure 1 Trend", "Figures of the year"])).toEqual([
      "Safety",
      "Safety",
      "Safety",
      "Figures of the year",
    ]);
  });
});

describe("section paths in splits", () => {
  it("equal those of the segments, and are added to the embedded text only", async () => {
    const documents = segmentsOf([
      heading("## 1. Scope"),
      text("It covers all sites."),
      heading("## 1.1 Limits", { page_number: 2 }),
      text("No site abroad.", { page_number: 3 }),
    ]);
    const splits = await new SegmentSplitter().invoke(documents);
    for (const split of splits) {
      const first = documents[split.metadata.segment_index];
      expect(split.metadata.section_path).toEqual(first?.metadata.section_path);
    }
    const [alone] = await new SegmentSplitter().invoke(documents.slice(3));
    expect(alone?.metadata.section_path).toEqual(["1. Scope", "1.1 Limits"]);
    expect(alone && embeddingText(alone)).toBe("1. Scope > 1.1 Limits\n\nNo site abroad.");
    expect(alone && lexicalTexts([alone])).toEqual(["report\n\n1.1 Limits\n\nNo site abroad."]);
    expect(alone?.pageContent).toBe("No site abroad.");
  });
});
