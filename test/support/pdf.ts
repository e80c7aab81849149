import { deflateSync } from "node:zlib";

export interface PdfShape {
  /** How objects are found: by a table, as old writers make it, or by streams, which hide them in compressed form. */
  xref?: "table" | "stream";
  /** Pretends that strings and streams are encrypted. */
  isEncrypted?: boolean;
  /** Bytes before the header. */
  before?: string;
  /** Pages that an earlier version of the file had, which an update has replaced. */
  earlierPages?: number;
}

const catalog = "<< /Type /Catalog /Pages 2 0 R /Lang (e\\)n \\( (nested)) >>";

const tree = (pages: number): string => {
  const kids = Array.from({ length: pages }, (_, index) => `${index + 10} 0 R`).join("\n");
  return `<< /Type /Pages % all of them\n /Kids [${kids}] /Count ${pages} >>`;
};

const entry = (offset: number): string => `${String(offset).padStart(10, "0")} 00000 n\r\n`;

/** Makes the structure of a PDF file with so many pages, without the pages themselves. */
export const pdfOf = (
  pages: number,
  { xref = "table", isEncrypted = false, before = "", earlierPages }: PdfShape = {},
): Buffer => {
  const encrypt = isEncrypted ? " /Encrypt << /Filter /Standard /V 1 /O <00ff> >>" : "";
  let body = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
  const add = (object: number, content: string): number => {
    const offset = body.length;
    body += `${object} 0 obj\n${content}\nendobj\n`;
    return offset;
  };
  const finish = (start: number): Buffer =>
    Buffer.from(`${before}${body}startxref\n${start}\n%%EOF\n`, "latin1");

  if (xref === "table") {
    const root = add(1, catalog);
    const pagesAt = add(2, tree(earlierPages ?? pages));
    let start = body.length;
    body += `xref\n0 3\n0000000000 65535 f\r\n${entry(root)}${entry(pagesAt)}trailer << /Size 3 /Root 1 0 R${encrypt} >>\n`;
    if (earlierPages !== undefined) {
      body += `startxref\n${start}\n%%EOF\n`;
      const updated = add(2, tree(pages));
      const previous = start;
      start = body.length;
      body += `xref\n2 1\n${entry(updated)}trailer\n<< /Size 3 /Root 1 0 R /Prev ${previous}${encrypt} >>\n`;
    }
    return finish(start);
  }

  const stream = (object: number, dictionary: string, data: Buffer): number => {
    const packed = deflateSync(data).toString("latin1");
    return add(
      object,
      `<< ${dictionary} /Filter /FlateDecode /Length ${packed.length} >>\nstream\r\n${packed}\nendstream`,
    );
  };
  const first = catalog.length + 1;
  const offsets = `1 0 2 ${first} `;
  const objects = stream(
    3,
    `/Type /ObjStm /N 2 /First ${offsets.length}`,
    Buffer.from(`${offsets}${catalog} ${tree(pages)}`, "latin1"),
  );
  // Rows of type, offset or stream, and index, each as the difference to the row above.
  const rows = [
    [2, 0, 3, 0],
    [2, 0, 3, 1],
    [1, objects >> 8, objects & 255, 0],
  ];
  let above = [0, 0, 0, 0];
  const data = rows.map((row) => {
    const packed = [2, ...row.map((byte, column) => (byte - (above[column] ?? 0)) & 255)];
    above = row;
    return Buffer.from(packed);
  });
  const parameters = "/DecodeParms << /Predictor 12 /Columns 4 >>";
  const start = stream(
    4,
    `/Type /XRef /Size 4 /Index [1 3] /W [1 2 1] /Root 1 0 R ${parameters}${encrypt}`,
    Buffer.concat(data),
  );
  return finish(start);
};

/** Makes the directories of a TIFF file with so many images. */
export const tiffOf = (images: number, order: "little" | "big" = "little"): Buffer => {
  const data = Buffer.alloc(8 + images * 18);
  const write = (value: number, at: number, size: number) =>
    order === "little" ? data.writeUIntLE(value, at, size) : data.writeUIntBE(value, at, size);
  data.write(order === "little" ? "II" : "MM", "latin1");
  write(42, 2, 2);
  write(8, 4, 4);
  for (let image = 0; image < images; image++) {
    const at = 8 + image * 18;
    write(1, at, 2);
    write(image === images - 1 ? 0 : at + 18, at + 14, 4);
  }
  return data;
};
