import type { BBox } from "../../../src/documents/segment.js";

/** Pixels of a parse result for a point of the file. */
const PIXELS = 2;

/** Advance widths of Helvetica from the space to the tilde, in thousandths of the size. */
const HELVETICA =
  "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584"
    .split(" ")
    .map(Number);

const naturalWidth = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (HELVETICA[letter.charCodeAt(0) - 32] ?? 556), 0) / 1000;

/** Letters are so large in the box of a word, and stand at this share of its height. */
const LETTERS = 0.9;
const BASELINE = 0.76;

interface Drawn {
  page_number: number;
  page_width: number;
  page_height: number;
  segment_type: string;
  bbox: BBox;
  ocr: { text: string; bbox: BBox }[];
}

/** What is drawn of a parse result. */
export interface DrawnResult {
  chunks: { segments: Drawn[] }[];
}

const latin = (text: string): string =>
  text.replace(/[^ -~]/g, "-").replace(/[\\()]/g, (letter) => `\\${letter}`);

const fixed = (value: number): string => value.toFixed(3);

/** Draws the words of a segment; on a page that viewers rotate by 90 degrees they are written upwards. */
const wordsOf = ({ bbox, ocr, page_height }: Drawn, isRotated: boolean): string[] =>
  ocr.map((word) => {
    const text = latin(word.text);
    const size = (word.bbox.height / PIXELS) * LETTERS;
    const stretch = (word.bbox.width / PIXELS / (naturalWidth(word.text) * size)) * 100;
    const x = (bbox.left + word.bbox.left) / PIXELS;
    const y = (bbox.top + word.bbox.top + word.bbox.height * BASELINE) / PIXELS;
    const matrix = isRotated
      ? `0 1 -1 0 ${fixed(y)} ${fixed(x)}`
      : `1 0 0 1 ${fixed(x)} ${fixed(page_height / PIXELS - y)}`;
    return `BT /F1 ${fixed(size)} Tf ${fixed(stretch)} Tz ${matrix} Tm (${text}) Tj ET`;
  });

/** Tables have a frame, and pictures an area. */
const shapeOf = ({ segment_type, bbox, page_height }: Drawn): string[] => {
  const { left, top, width, height } = bbox;
  const area = [left, page_height - top - height, width, height].map((value) => fixed(value / PIXELS));
  if (segment_type === "Picture") return [`q 0.9 0.93 0.97 rg ${area.join(" ")} re f Q`];
  return segment_type === "Table" ? [`q 0.7 G 0.5 w ${area.join(" ")} re S Q`] : [];
};

/** Makes a PDF file whose words stand where a parse result says they are. @param rotated pages that viewers turn by 90 degrees */
export const drawnPdf = (result: DrawnResult, rotated: readonly number[] = []): Buffer => {
  const byPage = new Map<number, Drawn[]>();
  for (const segment of result.chunks.flatMap(({ segments }) => segments))
    byPage.set(segment.page_number, [...(byPage.get(segment.page_number) ?? []), segment]);
  const objects: string[] = [];
  const pages = [...byPage].sort(([one], [other]) => one - other);
  objects.push("<< /Type /Catalog /Pages 2 0 R >>");
  objects.push(
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, index) => `${4 + 2 * index} 0 R`).join(" ")}] >>`,
  );
  objects.push("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
  for (const [index, [number, segments]] of pages.entries()) {
    const isRotated = rotated.includes(number);
    const { page_width = 0, page_height = 0 } = segments[0] ?? {};
    const size = [page_width / PIXELS, page_height / PIXELS];
    const content = segments
      .flatMap((segment) => [...(isRotated ? [] : shapeOf(segment)), ...wordsOf(segment, isRotated)])
      .join("\n");
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${(isRotated ? size.toReversed() : size).join(" ")}] /Rotate ${isRotated ? 90 : 0} /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * index} 0 R >>`,
    );
    objects.push(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  }
  let body = "%PDF-1.7\n";
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const size = objects.length + 1;
  return Buffer.from(
    `${body}xref\n0 ${size}\n0000000000 65535 f \n${offsets.join("")}trailer << /Size ${size} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`,
    "latin1",
  );
};

/** Makes a parse result of so many pages, each with a line of words at known places. */
export const linesResult = (pages: number, size = { width: 1190, height: 1684 }) => ({
  chunks: Array.from({ length: pages }, (_, index) => ({
    segments: Array.from({ length: 8 }, (__, line): Drawn & { content: string; confidence: number } => {
      const texts = `Line ${line + 1} of page ${index + 1} says where words stand`.split(" ");
      const left = 100 + line * 7;
      let at = 0;
      const ocr = texts.map((text) => {
        const width = text.length * 15.5;
        const bbox = { left: at, top: 0, width, height: 28 };
        at += width + 10.25;
        return { text, bbox, confidence: 0.99 };
      });
      return {
        page_number: index + 1,
        page_width: size.width,
        page_height: size.height,
        segment_type: "Text",
        content: texts.join(" "),
        confidence: 0.9,
        bbox: { left, top: 120.5 + line * 90.3, width: at - 10.25, height: 28 },
        ocr,
      };
    }),
  })),
});
