import type { Api } from "../shared/api.js";
import { go, hrefOf, type Route } from "../shared/route.js";
import { useAnswer } from "../shared/use-answer.js";
import { useTick } from "../shared/use-tick.js";
import { type DocumentRow, isStanding, STANDING_NAMES } from "./standings.js";

/** How many documents one answer holds. */
const BLOCK = 100;

/** How often the list is asked for again, so that it follows a run. */
const FOLLOW_MS = 2000;

const reasons = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([reason, count]) => `${count} ${reason.replaceAll("_", " ")}`)
    .join(", ");

const Row = ({ row }: { row: DocumentRow }) => (
  <tr>
    <th scope="row">
      <a href={hrefOf({ view: "document", doc: row.id, page: 1, select: undefined })}>{row.id}</a>
      {row.source !== row.id && <div class="quiet">{row.source}</div>}
      {row.error && (
        <div class="error">
          {row.error.stage && `[${row.error.stage}] `}
          {row.error.code && `${row.error.code}: `}
          {row.error.message}
        </div>
      )}
    </th>
    <td>
      <span class={`standing ${row.standing}`}>{STANDING_NAMES[row.standing]}</span>
    </td>
    <td class="number">{row.pages ?? "–"}</td>
    <td class="number">{row.segments?.stored ?? "–"}</td>
    <td>{row.segments && reasons(row.segments.filtered)}</td>
    <td class="number">{row.points}</td>
  </tr>
);

/** The list of documents: searched by name, filtered by state, and following a run that is under way. */
export const DocumentsPage = ({
  api,
  route: { search, standing },
}: {
  api: Api;
  route: Extract<Route, { view: "documents" }>;
}) => {
  const tick = useTick(FOLLOW_MS);
  const query = { search, ...(isStanding(standing) && { standing }), limit: BLOCK };
  const list = useAnswer((signal) => api.documents(query, signal), JSON.stringify([query, tick]));
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
            <option value="">all ({list.value?.total ?? 0})</option>
            {Object.entries(list.value?.standings ?? {}).map(([name, count]) => (
              <option key={name} value={name}>
                {name} ({count})
              </option>
            ))}
          </select>
        </label>
        <output>{list.value && `${list.value.matched} of ${list.value.total} documents`}</output>
      </search>
      {list.problem && <p role="alert">{list.problem}</p>}
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Document</th>
              <th scope="col">State</th>
              <th scope="col">Pages</th>
              <th scope="col">Segments stored</th>
              <th scope="col">Left out</th>
              <th scope="col">Points</th>
            </tr>
          </thead>
          <tbody>
            {list.value?.documents.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </main>
  );
};
