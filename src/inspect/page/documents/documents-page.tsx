import { useState } from "preact/hooks";
import type { Api } from "../shared/api.js";
import { go, hrefOf, type Route } from "../shared/route.js";
import { useAnswer } from "../shared/use-answer.js";
import { useTick } from "../shared/use-tick.js";
import { DocumentRows } from "./document-rows.js";
import { MoreRows } from "./more-rows.js";
import { isStanding, standingNames } from "./standings.js";

/** How many documents one answer holds. */
const BLOCK = 100;

/** How often the page asks whether a document has changed, so that it follows a run. */
const FOLLOW_MS = 2000;

const COLUMNS = ["Document", "State", "Pages", "Segments stored", "Left out", "Points"];

/** The list of documents: searched by name, filtered by state, and following a run that is under way. */
export const DocumentsPage = ({
  api,
  route: { search, standing },
}: {
  api: Api;
  route: Extract<Route, { view: "documents" }>;
}) => {
  const tick = useTick(FOLLOW_MS);
  const query = { search, ...(isStanding(standing) && { standing }) };
  const key = JSON.stringify(query);
  const [shown, setShown] = useState({ key, blocks: 1, loaded: 0 });
  const { blocks, loaded } = shown.key === key ? shown : { blocks: 1, loaded: 0 };
  const summary = useAnswer((signal) => api.documents({ ...query, limit: 1 }, signal), `${key} ${tick}`);
  const { total = 0, matched = 0, standings = {}, revision } = summary.value ?? {};
  const change = (to: { search?: string; standing?: string }) =>
    go({ view: "documents", search, standing, ...to }, true);
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
            <option value="">all ({total})</option>
            {standingNames.map(([name, shownName]) => (
              <option key={name} value={name}>
                {shownName} ({standings[name] ?? 0})
              </option>
            ))}
          </select>
        </label>
        <output>{summary.value && `${matched} of ${total} documents`}</output>
      </search>
      {summary.problem && <p role="alert">{summary.problem}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard. */}
      <section class="scroll" tabIndex={0} aria-label="List of documents">
        <table>
          <thead>
            <tr>
              {COLUMNS.map((name) => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          {Array.from({ length: Math.min(blocks, Math.ceil(matched / BLOCK)) }, (_, block) => (
            <DocumentRows
              key={`${key} ${block * BLOCK}`}
              api={api}
              query={{ ...query, offset: block * BLOCK, limit: BLOCK }}
              revision={revision}
              onLoad={() => {
                if (block >= loaded) setShown({ key, blocks, loaded: block + 1 });
              }}
            />
          ))}
        </table>
      </section>
      {loaded >= blocks && matched > blocks * BLOCK && (
        <MoreRows
          left={matched - blocks * BLOCK}
          onMore={() => setShown({ key, blocks: blocks + 1, loaded })}
          key={blocks}
        />
      )}
      {summary.value && matched === 0 && (
        <p class="quiet">
          {total === 0 ? "The ledger has no documents yet." : "No document has this name and state."}{" "}
          {total > 0 && <a href={hrefOf({ view: "documents", search: "", standing: "" })}>Show all</a>}
        </p>
      )}
    </main>
  );
};
