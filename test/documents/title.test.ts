import { describe, expect, it } from "vitest";
import type { SegmentDocument } from "../../src/documents/metadata.js";
import { nameInWords, titleForAll, withTitle } from "../../src/documents/sections/title.js";
import { segmentsOf } from "../support/splitters/segments.js";

const ID = "04a7a6d8-5ef7-465a-b22a-8a98e7104dd9";

describe("a file's name in words", () => {
  it.each([
    ["contracts/acme-lease_2021.pdf", "acme lease 2021"],
    ["C:\\reports\\AnnualReport.2025.PDF", "Annual Report 2025"],
    ["lease.pdf.json.gz", "lease"],
    ["3M_2018_10K.pdf", "3M 2018 10K"],
    ["Entscheidung 166872.json", "Entscheidung 166872"],
    ["Guide v1.2.docx", "Guide v1 2"],
    ["https://example.com/docs/Annual%20Report%2B2025.pdf?signature=abc#p2", "Annual Report 2025"],
    ["https://example.com/rent%.pdf", "rent%"],
    ["契約書-2021.pdf", "契約書 2021"],
    [`Lease ${ID}.pdf`, "Lease"],
  ])("%s is %s", (file, words) => {
    expect(nameInWords(file)).toBe(words);
  });

  it.each([
    `job:${ID}`,
    `${ID}.json`,
    "9f86d081884c7d659a2feaa0.pdf",
    "document (1).pdf",
    "result.json",
    "2.pdf",
    "",
  ])("%s says nothing", (file) => {
    expect(nameInWords(file)).toBeUndefined();
  });
});

interface Options {
  given?: string;
  otherwise?: string;
  failsAfter?: number;
  /** Segments of one chunk. */
  chunk?: number;
}

const titlesOf = async (
  segments: SegmentDocument[],
  { given, otherwise, failsAfter, chunk = 1 }: Options = {},
) => {
  async function* chunks(): AsyncGenerator<SegmentDocument[]> {
    for (let from = 0; from < segments.length; from += chunk) {
      if (from === failsAfter) throw new Error("broken");
      yield segments.slice(from, from + chunk);
    }
  }
  const titles: (string | undefined)[] = [];
  const failure = await (async () => {
    for await (const read of withTitle(chunks(), { given, otherwise: () => otherwise }))
      titles.push(...read.map(({ metadata }) => metadata.title));
  })().catch((error: unknown) => error);
  return { titles, failure };
};

const text = (content: string) => ({ segment_type: "Text", content });
const title = (content: string) => ({ segment_type: "Title", content, markdown: `# ${content}` });

describe("the title of a document", () => {
  it("is that of its first title segment, also for the segments before", async () => {
    const segments = segmentsOf([text("Draft"), title("Lease"), text("Rent"), title("Annex")]);
    expect((await titlesOf(segments, { otherwise: "file" })).titles).toEqual([
      "Lease",
      "Lease",
      "Lease",
      "Lease",
    ]);
  });

  it("is the one that was given", async () => {
    const segments = segmentsOf([text("Draft"), title("Lease")]);
    expect((await titlesOf(segments, { given: "Flat 3", otherwise: "file" })).titles).toEqual([
      "Flat 3",
      "Flat 3",
    ]);
  });

  it("is the name of its file where the first segments have none", async () => {
    const before = Array.from({ length: 40 }, (_, index) => text(`Line ${index}`));
    const { titles } = await titlesOf(segmentsOf([...before, title("Too late")]), {
      otherwise: "acme lease",
    });
    expect(titles).toEqual(Array(41).fill("acme lease"));
    expect((await titlesOf(segmentsOf([text("a")]), { otherwise: "acme lease" })).titles).toEqual([
      "acme lease",
    ]);
  });

  it.each([3, 31, 32, 33, 40])("is the same for segments in chunks of %i", async (chunk) => {
    const preceding = (count: number) => Array.from({ length: count }, (_, index) => text(`Line ${index}`));
    const last = segmentsOf([...preceding(31), title("Lease"), text("Rent")]);
    expect((await titlesOf(last, { otherwise: "file", chunk })).titles).toEqual(Array(33).fill("Lease"));
    const late = segmentsOf([...preceding(32), title("Too late")]);
    expect((await titlesOf(late, { otherwise: "file", chunk })).titles).toEqual(Array(33).fill("file"));
  });

  it("is absent where nothing is known", async () => {
    expect((await titlesOf(segmentsOf([text("a"), title(" ")]))).titles).toEqual([undefined, undefined]);
  });

  it("is cut where it is longer than a title", async () => {
    const { titles } = await titlesOf(segmentsOf([title("word ".repeat(100))]));
    expect(titles[0]).toHaveLength(199);
  });

  it("holds back no segment when reading fails", async () => {
    const segments = segmentsOf([text("a"), text("b"), text("c")]);
    const { titles, failure } = await titlesOf(segments, { otherwise: "file", failsAfter: 2 });
    expect(titles).toEqual(["file", "file"]);
    expect(failure).toMatchObject({ message: "broken" });
  });
});

describe("the title that every text of a document may have", () => {
  const texts = [
    "Heat pump K7",
    "The pump is heavy.",
    "Water: 3 °dH",
    "A pump and water",
    "Warranty",
    "pumped",
  ];

  it("leaves out words that tell the texts apart, in any case", () => {
    expect(titleForAll("Kestrel WATER pump (K7)", texts)).toBe("Kestrel pump K7");
  });

  it("is the title itself where no word does", () => {
    expect(titleForAll("Kestrel: pump", texts)).toBe("Kestrel: pump");
    expect(titleForAll("Kestrel", [])).toBe("Kestrel");
    expect(titleForAll("—", texts)).toBe("—");
  });
});
