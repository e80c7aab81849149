import type { PageRow } from "../../../contract.js";
import { PdfCanvas } from "../../pdf/pdf-canvas.js";
import { type PageReader, usePage } from "../model/page-reader.js";
import { sizeOf } from "../model/page-size.js";
import { isDrawnFromWords, type Paper } from "../sheet/backdrop.js";

/** Words of a page as bars: letters would be too small to read. */
const Bars = ({ row, reader }: { row: PageRow; reader: PageReader }) => {
  const { value: page } = usePage(reader, row.number);
  const { width, height } = sizeOf(row);
  return (
    <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {page?.words.map(({ box }, index) => (
        <rect key={index} x={box.left} y={box.top} width={box.width} height={box.height * 0.7} />
      ))}
    </svg>
  );
};

/** A small picture of a page. */
export const Thumbnail = ({
  row,
  paper,
  reader,
  width,
}: {
  row: PageRow;
  paper: Paper;
  reader: PageReader;
  width: number;
}) => {
  const size = sizeOf(row);
  const place = { width: `${width}px`, height: `${(width * size.height) / size.width}px` };
  const isDrawn = isDrawnFromWords(paper, row.number);
  return (
    <span class="thumbnail" style={place}>
      {isDrawn && <Bars row={row} reader={reader} />}
      {!isDrawn && paper.kind === "pdf" && <PdfCanvas pdf={paper.pdf} number={row.number} width={width} />}
      {!isDrawn && paper.kind === "picture" && <img class="canvas" src={paper.url} alt="" />}
    </span>
  );
};
