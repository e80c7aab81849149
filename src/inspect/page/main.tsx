import { render } from "preact";
import { DocumentPage } from "./document/document-page.js";
import { DocumentsPage } from "./documents/documents-page.js";
import { serverApi } from "./shared/api.js";
import { exportedApi } from "./shared/exported.js";
import { hrefOf, useRoute } from "./shared/route.js";
import { useAnswer } from "./shared/use-answer.js";

const api = exportedApi() ?? serverApi;

const App = () => {
  const route = useRoute();
  const { value: collection } = useAnswer((signal) => api.collection(signal), "collection");
  return (
    <>
      <header class="bar">
        <a class="home" href={hrefOf({ view: "documents", search: "", standing: "" })}>
          unsiloed-ingest
        </a>
        <span class="about">{collection?.store}</span>
      </header>
      {route.view === "document" ? (
        <DocumentPage api={api} route={route} />
      ) : (
        <DocumentsPage api={api} route={route} />
      )}
    </>
  );
};

const root = document.getElementById("app");
if (root) render(<App />, root);
