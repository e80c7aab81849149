import type { Api } from "../shared/api.js";
import { go, type Route, type Selection } from "../shared/route.js";
import { useAnswer } from "../shared/use-answer.js";
import { Details } from "./details.js";
import { PageList } from "./page-list.js";
import { PageSheet } from "./page-sheet.js";

/** A document: the list of its pages, one of them with its boxes, and what is selected on it. */
export const DocumentPage = ({ api, route }: { api: Api; route: Extract<Route, { view: "document" }> }) => {
  const { doc, page, select } = route;
  const document = useAnswer((signal) => api.document(doc, signal), doc);
  const view = document.value;
  const shown = view?.pages.find(({ number }) => number === page) ?? view?.pages[0];
  const sheet = useAnswer(
    (signal) => api.page(doc, shown?.number ?? page, signal),
    shown && JSON.stringify([doc, shown.number, view?.row.updatedAt]),
  );
  const selectOn = (selection: Selection | undefined, on = page) =>
    go({ view: "document", doc, page: on, select: selection }, on === page);
  return (
    <main class="document">
      <h1>
        {view?.title ?? doc}
        <span class="quiet"> {view?.title && doc}</span>
      </h1>
      {document.problem && <p role="alert">{document.problem}</p>}
      {[view?.result.note, view?.source.note].map(
        (note) =>
          note && (
            <p class="note" key={note}>
              {note}
            </p>
          ),
      )}
      {view && (
        <div class="panes">
          <PageList
            pages={view.pages}
            current={shown?.number}
            onOpen={(number) => selectOn(undefined, number)}
          />
          <section class="sheet" aria-label={`Page ${shown?.number ?? ""}`}>
            {sheet.problem && <p role="alert">{sheet.problem}</p>}
            {sheet.value && <PageSheet page={sheet.value} selection={select} onSelect={selectOn} />}
          </section>
          <Details api={api} doc={doc} selection={select} onSelect={selectOn} />
        </div>
      )}
    </main>
  );
};
