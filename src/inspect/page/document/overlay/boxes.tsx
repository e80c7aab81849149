import type { BBox, SegmentView, SplitView } from "../../../contract.js";
import type { Selection } from "../../shared/route.js";
import { doubtOf, segmentLabel, segmentTag, splitLabel, typeClass } from "../model/look.js";
import { grown, MIN_SCALE, rectOf } from "./geometry.js";
import { buttonProps } from "./press.js";

/** Space between the frame of a segment and its content, in pixels of the screen, so that splits within are told apart. */
const FRAME = 3;

/** Size of the type beside a segment, and about how wide a letter of it is, in pixels of the screen. */
const TAG = 10;
const LETTER = 6;

interface BoxesProps {
  selection: Selection | undefined;
  onSelect: (selection: Selection) => void;
  /** Pixels of the screen for a pixel of the page. */
  scale: number;
}

/** The type of a segment, left of it where there is space, and above it elsewhere. */
const Tag = ({ box, text, scale }: { box: BBox; text: string; scale: number }) => {
  const isBeside = box.left * scale > text.length * LETTER;
  const place = isBeside
    ? { x: box.left - 4 / scale, y: box.top + TAG / scale, "text-anchor": "end" as const }
    : { x: box.left, y: box.top - 3 / scale };
  return (
    <text class="tag" font-size={TAG / scale} {...place}>
      {text}
    </text>
  );
};

/** Frames around segments, each with its type and what is to be looked at. */
export const SegmentBoxes = ({
  segments,
  selection,
  onSelect,
  scale,
}: BoxesProps & { segments: readonly SegmentView[] }) => (
  <g class="segments">
    {segments.map((segment) => {
      const { box, index, type, outcome } = segment;
      if (!box) return null;
      const isSelected = selection?.kind === "segment" && selection.index === index;
      const frame = grown(box, FRAME / scale);
      const doubt = doubtOf(segment) === null ? "" : "doubtful";
      return (
        <g
          key={index}
          class={`segment ${typeClass(type)} ${outcome.kind} ${doubt}`}
          {...buttonProps(segmentLabel(segment), isSelected, () => onSelect({ kind: "segment", index }))}
        >
          <rect {...rectOf(frame)} rx={2 / scale} />
          {scale >= MIN_SCALE && <Tag box={frame} text={segmentTag(segment)} scale={scale} />}
        </g>
      );
    })}
  </g>
);

/** The boxes of splits, line by line: solid where they are of the very words, dashed where they are not. */
export const SplitBoxes = ({
  splits,
  selection,
  hits,
  onSelect,
}: Omit<BoxesProps, "scale"> & { splits: readonly SplitView[]; hits: readonly string[] }) => (
  <g class="splits">
    {splits.map((split) => {
      const { id, type, precision, boxes } = split;
      const isSelected = selection?.kind === "split" && selection.id === id;
      const isHit = hits.includes(id);
      return (
        <g
          key={id}
          class={`split ${typeClass(type)} ${precision === "word" ? "exact" : "approximate"} ${isHit ? "hit-of" : ""}`}
          {...buttonProps(isHit ? `${splitLabel(split)} (hit)` : splitLabel(split), isSelected, () =>
            onSelect({ kind: "split", id }),
          )}
        >
          {boxes.map((box) => (
            <rect key={JSON.stringify(box)} {...rectOf(box)} />
          ))}
        </g>
      );
    })}
  </g>
);
