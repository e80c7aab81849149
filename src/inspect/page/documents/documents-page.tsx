import { useEffect, useState } from "preact/hooks";
import type { Api } from "../shared/api.js";
import { go, hrefOf, type RouteOf } from "../shared/route.js";
import { isStanding, standingNames } from "../shared/standings.js";
import { useAnswer } from "../shared/use-answer.js";
import { useFollowed } from "../shared/use-followed.js";
import { DocumentRows } from "./document-rows.js";
import { Pager } from "./pager.js";

/** How many documents are shown at once. */
const PART = 100;

/** The list of documents: searched by name, filtered by state, and following a run that is under way. */
export const DocumentsPage = ({ api, route }: { api: Api; route: RouteOf<"documents"> }) => {
  const { search, standing, page = 1 } = route;
  const { value: latest } = useFollowed((signal) => api.documents({ limit: 1 }, signal));
  const [revision, setRevision] = useState("");
  const query = { search, ...(isStanding(standing) && { standing }), offset: (page - 1) * PART, limit: PART };
  const { value: list, problem } = useAnswer(
    (signal) => api.documents(query, signal),
    JSON.stringify([query, revision]),
  );
  // The list is asked for again only when it is another one.
  useEffect(() => {
    if (latest && list && latest.revision !== list.revision) setRevision(latest.revision);
  }, [latest]);
  const { total = 0, matched = 0, standings = {}, documents = [] } = list ?? {};
  const last = Math.max(1, Math.ceil(matched / PART));
  const change = (to: { search?: string; standing?: string }) =>
    go({ view: "documents", search, standing, ...to }, true);
  // Documents may be deleted while the last part of the list is looked at.
  useEffect(() => {
    if (list && page > last) go({ ...route, page: last }, true);
  }, [list, page, last]);
  useEffect(() => scrollTo({ top: 0 }), [page]);
  return (
    <main class="documents">
      <h1>Documents</h1>
      <search class="filters">
        <label>
          Name
          <input
            type="search"
            value={search}
            onInput={(event) => change({ search: event.currentTarget.value })}
          />
        </label>
        <label>
          State
          <select value={standing} onChange={(event) => change({ standing: event.currentTarget.value })}>
            <option value="">all{list && ` (${total})`}</option>
            {standingNames.map(([name, shownName]) => (
              <option key={name} value={name}>
                {shownName}
                {list && ` (${standings[name] ?? 0})`}
              </option>
            ))}
          </select>
        </label>
        <output>
          {list ? `${matched} of ${total} documents` : !problem && "Loading…"}
          {last > 1 && `, ${query.offset + 1} to ${query.offset + documents.length} shown`}
        </output>
        {last > 1 && <Pager {...{ route, page, last }} />}
      </search>
      {problem && <p role="alert">{problem}</p>}
      {documents.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
        <section class="scroll" tabIndex={0} aria-label="List of documents">
          <DocumentRows rows={documents} />
        </section>
      )}
      {list && matched === 0 && (
        <p class="quiet">
          {total === 0 ? "The ledger has no documents yet." : "No document has this name and state."}{" "}
          {total > 0 && <a href={hrefOf({ view: "documents", search: "", standing: "" })}>Show all</a>}
        </p>
      )}
    </main>
  );
};
