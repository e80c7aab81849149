import { useEffect } from "preact/hooks";
import type { DocumentQuery, DocumentRow } from "../../contract.js";
import type { Api } from "../shared/api.js";
import { hrefOf } from "../shared/route.js";
import { useAnswer } from "../shared/use-answer.js";
import { STANDING_NAMES } from "./standings.js";

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
    <td>
      {row.segments && reasons(row.segments.filtered)}
      {row.segments && Object.keys(row.segments.flagged).length > 0 && (
        <div class="quiet">flagged: {reasons(row.segments.flagged)}</div>
      )}
    </td>
    <td class="number">{row.points}</td>
  </tr>
);

/** Some rows of the list, which are asked for again when a document has changed. */
export const DocumentRows = ({
  api,
  query,
  revision,
  onLoad,
}: {
  api: Api;
  query: DocumentQuery;
  revision: string | undefined;
  /** Called whenever rows were received. */
  onLoad: () => void;
}) => {
  const { value, problem } = useAnswer(
    (signal) => api.documents(query, signal),
    JSON.stringify([query, revision]),
  );
  useEffect(() => {
    if (value) onLoad();
  }, [value]);
  return (
    <tbody>
      {problem && (
        <tr>
          <td colSpan={6}>
            <p role="alert">{problem}</p>
          </td>
        </tr>
      )}
      {value?.documents.map((row) => (
        <Row key={row.id} row={row} />
      ))}
    </tbody>
  );
};
