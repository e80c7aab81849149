import type { HitView } from "../../contract.js";
import type { Api } from "../shared/api.js";
import { useAnswer } from "../shared/use-answer.js";

/** The size that a page without one is drawn in. */
const WIDTH = 1190;
const HEIGHT = 1684;

const Boxes = ({ hit, page, name }: { hit: HitView; page: number; name: string }) => (
  <>
    {hit.boxes.map(
      ({ page_number, bbox }, index) =>
        page_number === page &&
        bbox && (
          <rect
            class={`${name} ${hit.precision === "word" ? "exact" : "approximate"}`}
            key={index}
            x={bbox.left}
            y={bbox.top}
            width={bbox.width}
            height={bbox.height}
          />
        ),
    )}
  </>
);

/** The page of a hit in small: its words as bars, the boxes of the hit, and those of other hits. */
export const HitSketch = ({ api, hit, others }: { api: Api; hit: HitView; others: readonly HitView[] }) => {
  const { doc, page: number } = hit;
  const { value: page } = useAnswer((signal) => api.page(doc, number, signal), JSON.stringify([doc, number]));
  return (
    <svg class="sketch" viewBox={`0 0 ${page?.width || WIDTH} ${page?.height || HEIGHT}`} aria-hidden="true">
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
      {others.map((other) => (
        <Boxes key={other.id} hit={other} page={number} name="other-hit" />
      ))}
      <Boxes hit={hit} page={number} name="hit-box" />
    </svg>
  );
};
