import { render } from "preact";
import { DocumentPage } from "./document/document-page.js";
import { DocumentsPage } from "./documents/documents-page.js";
import { QuestionPage } from "./question/question-page.js";
import { ReportPage } from "./report/report-page.js";
import { type Api, serverApi } from "./shared/api.js";
import { exportedApi } from "./shared/exported.js";
import { go, hrefOf, type Route, useRoute } from "./shared/route.js";
import { SchemeSwitch } from "./shared/scheme.js";
import { useAnswer } from "./shared/use-answer.js";

const exported = exportedApi();
const api = exported ?? serverApi;

const DOCUMENTS: Route = { view: "documents", search: "", standing: "" };
const QUESTION: Route = { view: "question", fields: {} };

const View = ({ api, route, modes }: { api: Api; route: Route; modes: readonly string[] }) => {
  switch (route.view) {
    case "documents":
      return <DocumentsPage api={api} route={route} />;
    case "document":
      return <DocumentPage api={api} route={route} key={route.doc} />;
    case "report":
      return <ReportPage api={api} route={route} />;
    case "question":
      return <QuestionPage api={api} route={route} modes={modes} />;
  }
};

const App = () => {
  const route = useRoute();
  const { value: collection, problem } = useAnswer((signal) => api.collection(signal), "collection");
  const isQuestion = route.view === "question";
  return (
    <>
      <header class="bar">
        <a class="home" href={hrefOf(DOCUMENTS)}>
          unsiloed-ingest
        </a>
        <nav aria-label="Views">
          <a href={hrefOf(DOCUMENTS)} aria-current={isQuestion ? undefined : "page"}>
            Documents
          </a>
          {!exported && (
            <a href={hrefOf(QUESTION)} aria-current={isQuestion ? "page" : undefined}>
              Question
            </a>
          )}
        </nav>
        <span class="about" title={collection && `Ledger: ${collection.state}`}>
          {collection?.store}
          {collection?.model && ` · ${collection.model}`}
        </span>
        <SchemeSwitch />
      </header>
      {(problem ?? collection?.problem) && <p role="alert">{problem ?? collection?.problem}</p>}
      <View api={api} route={route} modes={collection?.modes ?? []} />
    </>
  );
};

// An export opens at its document: there is no other.
if (exported && location.hash === "") {
  const { documents } = await exported.documents({ limit: 1 });
  for (const { id } of documents) go({ view: "document", doc: id, page: 1, select: undefined }, true);
}

const root = document.getElementById("app");
if (root) render(<App />, root);
