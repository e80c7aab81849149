import type { DocumentReport, ReportEntry, ReportKind } from "../../contract.js";
import type { Api } from "../shared/api.js";
import { hrefOf, type RouteOf, type Selection } from "../shared/route.js";
import { useAnswer } from "../shared/use-answer.js";

/** What each list is of, and what to think of it. */
const KINDS: Readonly<Record<ReportKind, { name: string; meaning: string }>> = {
  left_out: { name: "Left out", meaning: "Segments that are not stored, and why." },
  flagged: { name: "Flagged", meaning: "Stored, but a policy or an unknown page makes them doubtful." },
  no_text: { name: "Without text", meaning: "The service gave no text for these segments." },
  assumed_header: {
    name: "Guessed header",
    meaning: "Tables that mark no header: their first row is taken for one.",
  },
  at_budget: { name: "At the budget", meaning: "Splits of nearly the most tokens that one may have." },
  approximate: { name: "Approximate boxes", meaning: "Splits with boxes of whole segments, or estimates." },
};

const selectionOf = ({ segment, split }: ReportEntry): Selection | undefined => {
  if (split !== null) return { kind: "split", id: split };
  return segment === null ? undefined : { kind: "segment", index: segment };
};

const Entry = ({ doc, entry }: { doc: string; entry: ReportEntry }) => (
  <li>
    <a class="line" href={hrefOf({ view: "document", doc, page: entry.page, select: selectionOf(entry) })}>
      <span class="type">
        {entry.page === 0 ? "page unknown" : `page ${entry.page}`} · {entry.type}
        {entry.segment !== null && ` · segment ${entry.segment}`}
      </span>
      <span class="mark">{entry.reason.replaceAll("_", " ")}</span>
      <span class="text">{entry.text === "" ? "(no text)" : entry.text}</span>
    </a>
  </li>
);

const Groups = ({ report: { doc, groups, note } }: { report: DocumentReport }) => (
  <>
    {note && <p class="note">{note}</p>}
    <ul class="summary" aria-label="Summary">
      {groups.map(({ kind, entries }) => (
        <li key={kind} class={entries && entries.length > 0 ? "some" : ""}>
          <strong>{entries ? entries.length : "not known:"}</strong> {KINDS[kind].name.toLowerCase()}
        </li>
      ))}
    </ul>
    {groups.map(
      ({ kind, entries }) =>
        entries &&
        entries.length > 0 && (
          <details key={kind} open>
            <summary>
              <h2>
                {KINDS[kind].name} <span class="count">{entries.length}</span>
              </h2>
              <span class="quiet">{KINDS[kind].meaning}</span>
            </summary>
            <ol>
              {entries.map((entry, index) => (
                <Entry key={index} doc={doc} entry={entry} />
              ))}
            </ol>
          </details>
        ),
    )}
  </>
);

/** What of a document should be looked at, each a link to its place. */
export const ReportPage = ({ api, route: { doc } }: { api: Api; route: RouteOf<"report"> }) => {
  const { value: report, problem } = useAnswer((signal) => api.report(doc, signal), doc);
  return (
    <main class="report">
      <h1>
        Report{" "}
        <a class="quiet" href={hrefOf({ view: "document", doc, page: 1, select: undefined })}>
          {doc}
        </a>
      </h1>
      {problem && <p role="alert">{problem}</p>}
      {report && <Groups report={report} />}
    </main>
  );
};
