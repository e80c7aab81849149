import { writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countPages } from "../../../src/parse-api/pages/count-pages.js";
import { pagesInRange } from "../../../src/parse-api/pages/page-range.js";
import { temporaryDirectory } from "../../support/parse-service.js";
import { type PdfShape, pdfOf, tiffOf } from "../../support/pdf.js";
import { cases } from "../../support/thorough.js";

const count = (content: Buffer, name = "a.pdf") => countPages(name, new Blob([new Uint8Array(content)]));

describe("counting the pages of a document", () => {
  const shapes: PdfShape[] = [
    { xref: "table" },
    { xref: "stream" },
    { xref: "table", isEncrypted: true },
    { xref: "table", before: "HTTP/1.1 200 OK\r\n\r\n" },
    { xref: "stream", before: "\r\n" },
    { xref: "table", earlierPages: 9 },
  ];

  it.each(shapes)("reads the page tree of a PDF file: %j", async (shape) => {
    for (const pages of [1, 12, 3000]) expect(await count(pdfOf(pages, shape))).toBe(pages);
  });

  it("reads a file from the disk, and only what it needs of it", async () => {
    const file = path.join(await temporaryDirectory(), "a.PDF");
    await writeFile(file, pdfOf(4));
    expect(await countPages(file, file)).toBe(4);
    const large = new Blob([
      new Uint8Array(pdfOf(5)).slice(0, 9),
      new Uint8Array(3e6),
      new Uint8Array(pdfOf(5)).slice(9),
    ]);
    // Offsets are wrong by now; what matters is how much is read before that shows.
    let read = 0;
    const slice = large.slice.bind(large);
    large.slice = (start = 0, end = 0) => {
      read += Math.min(end, large.size) - start;
      return slice(start, end);
    };
    await countPages("a.pdf", large);
    expect(read).toBeLessThan(100_000);
  });

  it("says unknown where the tree is encrypted, broken or not there", async () => {
    expect(await count(pdfOf(3, { xref: "stream", isEncrypted: true }))).toBeUndefined();
    expect(await count(Buffer.from("%PDF-1.7 nothing"))).toBeUndefined();
    expect(await count(Buffer.from("%PDF-1.7 startxref 3 %%EOF"))).toBeUndefined();
    const whole = pdfOf(3);
    expect(await count(whole.subarray(0, whole.length - 40))).toBeUndefined();
    expect(
      await count(Buffer.from(whole.toString("latin1").replace("/Count 3", "/Count -"), "latin1")),
    ).toBeUndefined();
    const circle = whole.toString("latin1").replace("/Count 3", "/Count 2 0 R");
    expect(await count(Buffer.from(circle, "latin1"))).toBeUndefined();
    expect(await countPages("none.pdf", "/does/not/exist.pdf")).toBeUndefined();
  });

  it("survives any damage", async () => {
    const files = [pdfOf(3), pdfOf(3, { xref: "stream" }), tiffOf(3)];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
        async (which, damage) => {
          const file = Buffer.from(files[which] ?? []);
          for (const [at, byte] of damage) file[at % file.length] = byte;
          const pages = await count(file, which === 2 ? "a.tif" : "a.pdf");
          expect(pages === undefined || pages > 0).toBe(true);
        },
      ),
      { numRuns: cases(300) },
    );
  });

  it("counts the images of a TIFF file, and one for other pictures", async () => {
    expect(await count(tiffOf(1), "a.tif")).toBe(1);
    expect(await count(tiffOf(7, "big"), "a.TIFF")).toBe(7);
    const circle = tiffOf(2);
    circle.writeUInt32LE(8, 8 + 18 + 14);
    expect(await count(circle, "a.tif")).toBeUndefined();
    for (const name of ["a.png", "a.jpg", "a.JPEG", "a.webp"])
      expect(await count(Buffer.from("x"), name)).toBe(1);
    for (const name of ["a.docx", "a.xlsx", "a.html"])
      expect(await count(Buffer.from("x"), name)).toBeUndefined();
  });
});

describe("a page range", () => {
  it.each([
    [undefined, 9, 9],
    [undefined, undefined, undefined],
    ["1-5", 9, 5],
    ["1-5", 3, 3],
    ["2,4,6", 5, 2],
    ["[1,3,5]", 9, 3],
    ["4-6, 5-8,1", 9, 6],
    ["7-9", 3, 0],
    ["3-4", undefined, 2],
  ])("%s of %s pages is %s", (range, total, expected) => {
    expect(pagesInRange(range, total)).toBe(expected);
  });
});
