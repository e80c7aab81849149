import type { PageView } from "../../../contract.js";
import type { Selection } from "../../shared/route.js";
import { sizeOf } from "../model/page-size.js";
import type { Layers } from "../model/view-state.js";
import { SegmentBoxes, SplitBoxes } from "./boxes.js";
import { CaptionLines, ReadingOrder } from "./joins.js";
import { TableRows } from "./table-rows.js";
import { Words } from "./words.js";

/** What is drawn over a page. Coordinates are pixels of the page, whatever its size on the screen. */
export const Overlay = ({
  page,
  layers,
  showsWords,
  scale,
  selection,
  hits,
  onSelect,
}: {
  page: PageView;
  layers: Layers;
  showsWords: boolean;
  scale: number;
  selection: Selection | undefined;
  /** Splits that a question found, the best first. */
  hits: readonly string[];
  onSelect: (selection: Selection) => void;
}) => {
  const { width, height } = sizeOf(page);
  const { segmentViews, splitViews } = page;
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: the section around it has the name, and each box; a title would be shown over all of them.
    <svg class="overlay" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none">
      {showsWords && (
        <>
          <rect class="paper" width={width} height={height} />
          <Words words={page.words} />
        </>
      )}
      {layers.segments && <SegmentBoxes segments={segmentViews} {...{ selection, onSelect, scale }} />}
      {layers.splits && <SplitBoxes splits={splitViews} {...{ selection, hits, onSelect }} />}
      {layers.rows && <TableRows page={page} scale={scale} />}
      {layers.captions && <CaptionLines page={page} scale={scale} />}
      {layers.order && <ReadingOrder segments={segmentViews} scale={scale} />}
    </svg>
  );
};
