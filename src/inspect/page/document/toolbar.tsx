import type { PageRow, PageView } from "../../contract.js";
import { typeClass } from "./model/look.js";
import { type LayerName, type ViewAction, type ViewState, ZOOM_STEP } from "./model/view-state.js";

const LAYERS: readonly { layer: LayerName; name: string; title: string }[] = [
  { layer: "segments", name: "Segments", title: "Frames of what the parser found (s)" },
  { layer: "splits", name: "Splits", title: "Boxes of what is stored (p)" },
  { layer: "rows", name: "Rows", title: "Header and rows of tables (r)" },
  { layer: "captions", name: "Captions", title: "Lines from captions to what they describe (c)" },
  { layer: "order", name: "Order", title: "Reading order (o)" },
  { layer: "words", name: "Words", title: "Words as they were recognised, in place of the page (w)" },
];

/** What is drawn over the page, how large, and which page. */
export const Toolbar = ({
  state,
  pages,
  current,
  onPage,
  dispatch,
}: {
  state: ViewState;
  pages: readonly PageRow[];
  current: number;
  onPage: (page: number) => void;
  dispatch: (action: ViewAction) => void;
}) => {
  const at = pages.findIndex(({ number }) => number === current);
  const step = (by: number) => {
    const to = pages[at + by];
    if (to) onPage(to.number);
  };
  return (
    <div class="toolbar" role="toolbar" aria-label="View">
      <span class="group">
        <button
          type="button"
          aria-label="Previous page"
          title="Previous page (←)"
          disabled={at <= 0}
          onClick={() => step(-1)}
        >
          ‹
        </button>
        <span class="position">
          {current === 0 ? "?" : current} <span class="quiet">/ {pages.length}</span>
        </span>
        <button
          type="button"
          aria-label="Next page"
          title="Next page (→)"
          disabled={at >= pages.length - 1}
          onClick={() => step(1)}
        >
          ›
        </button>
      </span>
      <span class="group">
        <button
          type="button"
          aria-label="Zoom out"
          title="Zoom out (-)"
          onClick={() => dispatch({ do: "step", by: 1 / ZOOM_STEP })}
        >
          −
        </button>
        <output class="position" aria-label="Zoom">{`${Math.round(state.scale * 100)} %`}</output>
        <button
          type="button"
          aria-label="Zoom in"
          title="Zoom in (+)"
          onClick={() => dispatch({ do: "step", by: ZOOM_STEP })}
        >
          +
        </button>
        <button
          type="button"
          aria-pressed={state.zoom === "fit"}
          title="Fit the width (0)"
          onClick={() => dispatch({ do: "zoom", to: "fit" })}
        >
          Fit
        </button>
      </span>
      <fieldset class="group layers">
        <legend class="hidden">Layers</legend>
        {LAYERS.map(({ layer, name, title }) => (
          <label key={layer} title={title}>
            <input
              type="checkbox"
              checked={state.layers[layer]}
              onChange={() => dispatch({ do: "toggle", layer })}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <button
        type="button"
        class="help"
        aria-label="Keys"
        title="Keys (?)"
        onClick={() => dispatch({ do: "help", open: true })}
      >
        ?
      </button>
    </div>
  );
};

/** What colors and lines mean, and how many boxes of each type the page has. */
export const Legend = ({ page, hasHits }: { page: PageView | undefined; hasHits: boolean }) => {
  const counts = new Map<string, number>();
  for (const { type } of page?.segmentViews.length ? page.segmentViews : (page?.splitViews ?? []))
    counts.set(type, (counts.get(type) ?? 0) + 1);
  return (
    <ul class="legend" aria-label="Legend">
      {[...counts].map(([type, count]) => (
        <li key={type} class={typeClass(type)}>
          <span class="swatch" /> {type} <span class="count">{count}</span>
        </li>
      ))}
      <li>
        <span class="swatch solid" /> exact
      </li>
      <li>
        <span class="swatch dashed" /> approximate
      </li>
      <li>
        <span class="swatch left" /> left out
      </li>
      {hasHits && (
        <li>
          <span class="swatch hit-of" /> found by the question
        </li>
      )}
      <li>⚠ low confidence or flagged</li>
    </ul>
  );
};
