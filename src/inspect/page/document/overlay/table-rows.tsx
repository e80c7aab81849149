import type { PageView, SplitView } from "../../../contract.js";
import { rowsText } from "../model/look.js";
import { around, MIN_SCALE } from "./geometry.js";

/** Height of the least header, in pixels of the page; smaller gaps are the space around words. */
const MIN_HEADER = 6;

/** The part of each table above its first row: its header, and what is repeated with every split. */
const headersOf = ({ segmentViews, splitViews }: Pick<PageView, "segmentViews" | "splitViews">) =>
  segmentViews.flatMap(({ index, box }) => {
    const first = splitViews.find(({ segments, rows }) => segments.includes(index) && rows?.from === 0);
    const rows = first && around(first.boxes);
    if (!box || !rows || first.precision !== "word") return [];
    const height = rows.top - box.top;
    return height < MIN_HEADER ? [] : [{ index, box: { ...box, height } }];
  });

/** Marks the header of tables, and beside the rows of a split which ones they are. */
export const TableRows = ({
  page,
  scale,
}: {
  page: Pick<PageView, "segmentViews" | "splitViews">;
  scale: number;
}) => {
  const withRows = page.splitViews.flatMap((split: SplitView) => {
    const box = around(split.boxes);
    return split.rows && box ? [{ split, box }] : [];
  });
  const isReadable = scale >= MIN_SCALE;
  return (
    <g class="rows">
      {headersOf(page).map(({ index, box }) => (
        <g key={index} class="header">
          <rect x={box.left} y={box.top} width={box.width} height={box.height} />
          {isReadable && (
            <text
              class="tag"
              x={box.left + box.width - 4 / scale}
              y={box.top + 12 / scale}
              font-size={10 / scale}
              text-anchor="end"
            >
              header
            </text>
          )}
        </g>
      ))}
      {withRows.map(({ split, box }) => {
        const x = box.left - 8 / scale;
        return (
          <g key={split.id}>
            <path d={`M ${x + 4 / scale} ${box.top} H ${x} V ${box.top + box.height} H ${x + 4 / scale}`} />
            {isReadable && (
              <text
                class="tag"
                x={x}
                y={box.top + box.height / 2}
                font-size={10 / scale}
                text-anchor="end"
                dx={-4 / scale}
                dy={4 / scale}
              >
                {rowsText(split)}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
};
