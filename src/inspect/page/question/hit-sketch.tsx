import type { HitView } from "../../contract.js";
import type { Api } from "../shared/api.js";
import { useAnswer } from "../shared/use-answer.js";

/** The size that a page without one is drawn in. */
const WIDTH = 1190;
const HEIGHT = 1684;

/** The page of a hit in small: its words as bars, and the boxes of the hit. */
export const HitSketch = ({ api, hit }: { api: Api; hit: HitView }) => {
  const { doc, page: number, boxes, precision } = hit;
  const { value: page } = useAnswer((signal) => api.page(doc, number, signal), JSON.stringify([doc, number]));
  return (
    <svg
      class={`sketch ${precision === "word" ? "exact" : "approximate"}`}
      viewBox={`0 0 ${page?.width || WIDTH} ${page?.height || HEIGHT}`}
      aria-hidden="true"
    >
      {page?.words.map(({ box }, index) => (
        <rect
          class="bar-of-word"
          key={index}
          x={box.left}
          y={box.top}
          width={box.width}
          height={box.height * 0.7}
        />
      ))}
      {boxes.map(
        ({ page_number, bbox }, index) =>
          page_number === number &&
          bbox && (
            <rect
              class="hit-box"
              key={index}
              x={bbox.left}
              y={bbox.top}
              width={bbox.width}
              height={bbox.height}
            />
          ),
      )}
    </svg>
  );
};
