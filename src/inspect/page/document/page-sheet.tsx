import type { BBox, PageView, SegmentView, SplitView } from "../../contract.js";
import type { Selection } from "../shared/route.js";
import { typeClass } from "./type-class.js";

/** A4 at 144 dots per inch, for pages whose size is not known. */
const DEFAULT_SIZE = { width: 1190, height: 1684 };

const rectOf = ({ left, top, width, height }: BBox) => ({ x: left, y: top, width, height });

/** Makes an element of a drawing a button for mouse and keyboard. */
const buttonProps = (label: string, isSelected: boolean, onPress: () => void) => ({
  role: "button" as const,
  tabindex: 0,
  "aria-label": label,
  "aria-pressed": isSelected,
  onClick: onPress,
  onKeyDown: (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onPress();
  },
});

/** The letters of the page at the places where they were recognised. */
const Words = ({ words }: Pick<PageView, "words">) => (
  <g class="words">
    {words.map(({ text, box }, index) => (
      <text
        key={index}
        x={box.left}
        y={box.top + box.height * 0.8}
        font-size={box.height * 0.9}
        textLength={box.width}
        lengthAdjust="spacingAndGlyphs"
      >
        {text}
      </text>
    ))}
  </g>
);

const segmentLabel = ({ index, type, text }: SegmentView): string => `Segment ${index}, ${type}: ${text}`;
const splitLabel = ({ order, type, precision, text }: SplitView): string =>
  `Split ${order}, ${type}, ${precision === "word" ? "exact" : "approximate"} boxes: ${text}`;

/** A page with the boxes of its segments and splits. Coordinates are pixels of the page, whatever its size on the screen. */
export const PageSheet = ({
  page,
  selection,
  onSelect,
}: {
  page: PageView;
  selection: Selection | undefined;
  onSelect: (selection: Selection) => void;
}) => {
  const width = page.width ?? DEFAULT_SIZE.width;
  const height = page.height ?? DEFAULT_SIZE.height;
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: the section around it has the name, and each box; a title would be shown over all of them.
    <svg class="page" viewBox={`0 0 ${width} ${height}`}>
      <rect class="paper" width={width} height={height} />
      <Words words={page.words} />
      <g class="segments">
        {page.segmentViews.map((segment) => {
          const isSelected = selection?.kind === "segment" && selection.index === segment.index;
          const { box, outcome, flag } = segment;
          if (!box) return null;
          const marks = `${typeClass(segment.type)} ${outcome.kind} ${flag === null ? "" : "flagged"}`;
          return (
            <rect
              key={segment.index}
              class={`segment ${marks}`}
              {...rectOf(box)}
              {...buttonProps(segmentLabel(segment), isSelected, () =>
                onSelect({ kind: "segment", index: segment.index }),
              )}
            />
          );
        })}
      </g>
      <g class="splits">
        {page.splitViews.map((split) => {
          const isSelected = selection?.kind === "split" && selection.id === split.id;
          return (
            <g
              key={split.id}
              class={`split ${typeClass(split.type)} ${split.precision === "word" ? "exact" : "approximate"}`}
              {...buttonProps(splitLabel(split), isSelected, () => onSelect({ kind: "split", id: split.id }))}
            >
              {split.boxes.map((box) => (
                <rect key={JSON.stringify(box)} {...rectOf(box)} />
              ))}
            </g>
          );
        })}
      </g>
    </svg>
  );
};
