import type { BBox, PageView, SegmentView } from "../../../contract.js";
import { middleOf } from "./geometry.js";

const boxesOf = (segments: readonly SegmentView[]): Map<number, BBox> =>
  new Map(segments.flatMap(({ index, box }) => (box ? [[index, box] as const] : [])));

/** The nearest point of a box, so that a line ends at its edge. */
const nearest = ({ left, top, width, height }: BBox, { x, y }: { x: number; y: number }) => ({
  x: Math.min(Math.max(x, left), left + width),
  y: Math.min(Math.max(y, top), top + height),
});

/** Lines from captions to what they describe. */
export const CaptionLines = ({
  page,
  scale,
}: {
  page: Pick<PageView, "captions" | "segmentViews">;
  scale: number;
}) => {
  const boxes = boxesOf(page.segmentViews);
  return (
    <g class="joins">
      {page.captions.map(({ caption, describes }) => {
        const from = boxes.get(caption);
        const to = boxes.get(describes);
        if (!from || !to) return null;
        const begin = middleOf(from);
        const end = nearest(to, begin);
        const inside = { x: end.x, y: end.y + (Math.sign(end.y - begin.y) * 14) / scale };
        return (
          <g key={caption}>
            <title>{`Segment ${caption} describes segment ${describes}`}</title>
            <path d={`M ${begin.x} ${begin.y} L ${inside.x} ${inside.y}`} />
            <circle cx={begin.x} cy={begin.y} r={3 / scale} />
            <circle cx={inside.x} cy={inside.y} r={5 / scale} />
          </g>
        );
      })}
    </g>
  );
};

/** Numbers of the reading order, and the way that it takes over the page. */
export const ReadingOrder = ({ segments, scale }: { segments: readonly SegmentView[]; scale: number }) => {
  const placed = segments.flatMap(({ index, box }) =>
    box ? [{ index, x: box.left, y: box.top + box.height / 2 }] : [],
  );
  return (
    <g class="order">
      <path d={placed.map(({ x, y }, at) => `${at === 0 ? "M" : "L"} ${x} ${y}`).join(" ")} />
      {placed.map(({ index, x, y }) => (
        <g key={index}>
          <circle cx={x} cy={y} r={9 / scale} />
          <text x={x} y={y} dy={3.5 / scale} font-size={10 / scale} text-anchor="middle">
            {index}
          </text>
        </g>
      ))}
    </g>
  );
};
