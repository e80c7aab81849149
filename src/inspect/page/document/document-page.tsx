import { useCallback, useReducer } from "preact/hooks";
import type { Api } from "../shared/api.js";
import { go, hrefOf, type RouteOf, routeOf, type Selection } from "../shared/route.js";
import { ErrorText, StandingMark } from "../shared/standings.js";
import { useFollowed } from "../shared/use-followed.js";
import { Help } from "./help.js";
import { usePage, usePageReader } from "./model/page-reader.js";
import { changed, START, ZOOM_STEP } from "./model/view-state.js";
import { PageList } from "./pages/page-list.js";
import { Details } from "./panel/details.js";
import { isSame, TextList } from "./panel/text-list.js";
import { Sheets } from "./sheet/sheets.js";
import { Legend, Toolbar } from "./toolbar.js";
import { useKeys } from "./use-keys.js";
import { usePaper } from "./use-paper.js";

/** A document: the list of its pages, the pages with their boxes, and what is selected on them. */
export const DocumentPage = ({ api, route }: { api: Api; route: RouteOf<"document"> }) => {
  const { doc, select, hits = [] } = route;
  const [state, dispatch] = useReducer(changed, START);
  const { value: view, problem } = useFollowed((signal) => api.document(doc, signal));
  const reader = usePageReader(api, doc, view);
  const { paper, problem: fileProblem } = usePaper(api, doc, view);
  const pages = view?.pages ?? [];
  const current = (pages.find(({ number }) => number === route.page) ?? pages[0])?.number;
  const { value: page } = usePage(reader, current);
  const listed = select?.kind ?? state.listed;

  const openPage = useCallback(
    (number: number) => go({ ...route, page: number, select: undefined }),
    [route],
  );
  // What is selected is read from the address: a timer that saw another page may know of an older selection only.
  const see = useCallback(
    (number: number) => {
      const now = routeOf(location.hash);
      if (now.view === "document" && now.doc === doc) go({ ...now, page: number }, true);
    },
    [doc],
  );
  const selectOn = (to: Selection | undefined, on = current ?? 1) => {
    if (to) dispatch({ do: "list", kind: to.kind });
    go({ ...route, page: on, select: to }, on === current);
  };
  const zoomTo = useCallback((to: number) => dispatch({ do: "zoom", to }), []);
  const onScale = useCallback((scale: number) => dispatch({ do: "drawn", scale }), []);

  const turn = (by: number) => {
    const to = pages[pages.findIndex(({ number }) => number === current) + by];
    if (to) openPage(to.number);
  };
  const move = (by: 1 | -1) => {
    if (!page) return;
    const all: Selection[] =
      listed === "split"
        ? page.splitViews.map(({ id }) => ({ kind: "split", id }))
        : page.segmentViews.map(({ index }) => ({ kind: "segment", index }));
    const at = all.findIndex((each) => isSame(each, select));
    const to = at < 0 ? all.at(by > 0 ? 0 : -1) : all[at + by];
    if (to) selectOn(to);
    else turn(by);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowRight: () => turn(1),
    ArrowLeft: () => turn(-1),
    "+": () => dispatch({ do: "step", by: ZOOM_STEP }),
    "=": () => dispatch({ do: "step", by: ZOOM_STEP }),
    "-": () => dispatch({ do: "step", by: 1 / ZOOM_STEP }),
    "0": () => dispatch({ do: "zoom", to: "fit" }),
    s: () => dispatch({ do: "toggle", layer: "segments" }),
    p: () => dispatch({ do: "toggle", layer: "splits" }),
    r: () => dispatch({ do: "toggle", layer: "rows" }),
    c: () => dispatch({ do: "toggle", layer: "captions" }),
    o: () => dispatch({ do: "toggle", layer: "order" }),
    w: () => dispatch({ do: "toggle", layer: "words" }),
    Escape: () => selectOn(undefined),
    "?": () => dispatch({ do: "help", open: true }),
  });

  return (
    <main class="document">
      <header class="heading">
        <h1>
          {view?.title ?? doc} {view?.title && <span class="quiet">{doc}</span>}{" "}
          {view && (
            <a class="quiet" href={hrefOf({ view: "report", doc })}>
              Report
            </a>
          )}{" "}
          {view && <StandingMark standing={view.row.standing} />}
        </h1>
        {view && <ErrorText error={view.row.error} />}
        {problem && <p role="alert">{problem}</p>}
        {[view?.result.note, view?.source.note, fileProblem].map(
          (note) =>
            note && (
              <p class="note" key={note}>
                {note}
              </p>
            ),
        )}
        {view && current !== undefined && (
          <>
            <Toolbar {...{ state, pages, current, dispatch }} onPage={openPage} />
            <Legend page={page} hasHits={hits.length > 0} />
          </>
        )}
      </header>
      {view && pages.length === 0 && <p class="quiet">Nothing of this document is kept or stored yet.</p>}
      {view && current !== undefined && (
        <div class="panes">
          <PageList {...{ pages, paper, reader, current }} onOpen={openPage} />
          <Sheets
            {...{ pages, paper, reader, current }}
            zoom={state.zoom}
            layers={state.layers}
            selection={select}
            hits={hits}
            onSelect={selectOn}
            onSee={see}
            onScale={onScale}
            onZoom={zoomTo}
          />
          <aside class={select ? "panel" : "panel list-only"} aria-label="Selection">
            {page && (
              <TextList
                page={page}
                kind={listed}
                selection={select}
                hits={hits}
                onKind={(kind) => {
                  dispatch({ do: "list", kind });
                  if (select && select.kind !== kind) selectOn(undefined);
                }}
                onSelect={(to) => selectOn(to)}
              />
            )}
            <Details
              {...{ api, doc }}
              updatedAt={view.row.updatedAt}
              selection={select}
              onSelect={selectOn}
            />
          </aside>
        </div>
      )}
      {state.isHelpOpen && <Help onClose={() => dispatch({ do: "help", open: false })} />}
    </main>
  );
};
