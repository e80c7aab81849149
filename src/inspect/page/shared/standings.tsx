import type { DocumentRow, Standing } from "../../contract.js";

/** What the states of documents are called. */
const STANDING_NAMES: Readonly<Record<Standing, string>> = {
  stored: "stored",
  failed: "failed",
  unknown: "outcome unknown",
  working: "being worked on",
  waiting: "unfinished",
  queued: "queued",
  unreadable: "unreadable",
};

export const isStanding = (name: string): name is Standing => Object.hasOwn(STANDING_NAMES, name);

/** The states in the order of their filter. */
export const standingNames = Object.entries(STANDING_NAMES).flatMap(([name, shown]): [Standing, string][] =>
  isStanding(name) ? [[name, shown]] : [],
);

export const StandingMark = ({ standing }: { standing: Standing }) => (
  <span class={`standing ${standing}`}>{STANDING_NAMES[standing]}</span>
);

/** The last failure of a document, where there is one. */
export const ErrorText = ({ error }: { error: DocumentRow["error"] }) =>
  error && (
    <div class="error">
      {error.stage && `[${error.stage}] `}
      {error.code && `${error.code}: `}
      {error.message}
    </div>
  );
