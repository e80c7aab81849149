/** What is drawn over a page. */
export interface Layers {
  segments: boolean;
  splits: boolean;
  /** Words as they were recognised, in place of the page itself. */
  words: boolean;
  rows: boolean;
  captions: boolean;
  order: boolean;
}

export type LayerName = keyof Layers;

/** Which of the two kinds of boxes the list of texts shows. */
export type ListedKind = "split" | "segment";

/** How a document is looked at. What is looked at is in the address. */
export interface ViewState {
  /** Pixels of the screen for a pixel of the page; `fit` fills the width. */
  zoom: number | "fit";
  /** Pixels of the screen for a pixel of the page, as it is drawn now. */
  scale: number;
  layers: Layers;
  listed: ListedKind;
  isHelpOpen: boolean;
}

export type ViewAction =
  | { do: "zoom"; to: number | "fit" }
  | { do: "step"; by: number }
  | { do: "drawn"; scale: number }
  | { do: "toggle"; layer: LayerName }
  | { do: "list"; kind: ListedKind }
  | { do: "help"; open: boolean };

export const MIN_ZOOM = 0.05;
export const MAX_ZOOM = 4;

export const START: ViewState = {
  zoom: "fit",
  scale: 1,
  layers: { segments: true, splits: true, words: false, rows: true, captions: true, order: false },
  listed: "split",
  isHelpOpen: false,
};

const zoomed = (state: ViewState, to: number): ViewState => ({
  ...state,
  zoom: Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, to)),
});

export const changed = (state: ViewState, action: ViewAction): ViewState => {
  switch (action.do) {
    case "zoom":
      return action.to === "fit" ? { ...state, zoom: "fit" } : zoomed(state, action.to);
    // From where the last step leads, also before it is drawn.
    case "step":
      return zoomed(state, (state.zoom === "fit" ? state.scale : state.zoom) * action.by);
    case "drawn":
      return { ...state, scale: action.scale };
    case "toggle":
      return { ...state, layers: { ...state.layers, [action.layer]: !state.layers[action.layer] } };
    case "list":
      return { ...state, listed: action.kind };
    case "help":
      return { ...state, isHelpOpen: action.open };
  }
};

/** Zooms in steps that one sees and that come back to where they began. */
export const ZOOM_STEP = 1.25;
