import type { DocumentRow } from "../../contract.js";
import { hrefOf } from "../shared/route.js";
import { ErrorText, StandingMark } from "../shared/standings.js";

const reasons = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([reason, count]) => `${count} ${reason.replaceAll("_", " ")}`)
    .join(", ");

const Row = ({ row }: { row: DocumentRow }) => (
  <tr>
    <th scope="row">
      <a href={hrefOf({ view: "document", doc: row.id, page: 1, select: undefined })}>{row.id}</a>
      {row.source !== row.id && <div class="quiet">{row.source}</div>}
      <ErrorText error={row.error} />
    </th>
    <td>
      <StandingMark standing={row.standing} />
    </td>
    <td class="number" data-name="pages">
      {row.pages ?? "–"}
    </td>
    <td class="number" data-name="segments stored">
      {row.segments?.stored ?? "–"}
    </td>
    <td data-name="left out">
      {row.segments && reasons(row.segments.filtered)}
      {row.segments && Object.keys(row.segments.flagged).length > 0 && (
        <div class="quiet">flagged: {reasons(row.segments.flagged)}</div>
      )}
    </td>
    <td class="number" data-name="points">
      {row.points}
    </td>
  </tr>
);

const COLUMNS = [
  { name: "Document" },
  { name: "State" },
  { name: "Pages", isNumber: true },
  { name: "Segments stored", isNumber: true },
  { name: "Left out" },
  { name: "Points", isNumber: true },
];

/** A part of the list, as a table; on narrow screens a block for each document. */
export const DocumentRows = ({ rows }: { rows: readonly DocumentRow[] }) => (
  <table>
    <thead>
      <tr>
        {COLUMNS.map(({ name, isNumber }) => (
          <th scope="col" key={name} class={isNumber ? "number" : ""}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <Row key={row.id} row={row} />
      ))}
    </tbody>
  </table>
);
