import { go, QUESTION_FIELDS, type QuestionFields } from "../shared/route.js";
import { EXPANSIONS, MODES } from "./request.js";

/** Modes that need an index of words, and those that need one of vectors. */
const isPossible = (mode: string, modes: readonly string[]): boolean =>
  modes.length === 0 || modes.includes(mode) || (mode === "hybrid" && modes.length > 1);

const submit = (event: SubmitEvent): void => {
  event.preventDefault();
  if (!(event.currentTarget instanceof HTMLFormElement)) return;
  const data = new FormData(event.currentTarget);
  const fields: QuestionFields = {};
  for (const name of QUESTION_FIELDS) {
    const value = data.get(name);
    if (typeof value === "string" && value !== "") fields[name] = value;
  }
  go({ view: "question", fields });
};

const Choice = ({
  label,
  name,
  value,
  options,
}: {
  label: string;
  name: keyof QuestionFields;
  value: string | undefined;
  options: readonly (readonly [value: string, name: string])[];
}) => (
  <label>
    {label}
    <select name={name} key={value} defaultValue={value ?? ""}>
      {options.map(([each, shown]) => (
        <option key={each} value={each} selected={each === (value ?? "")}>
          {shown}
        </option>
      ))}
    </select>
  </label>
);

/** A question, how it is searched, and where. */
export const QuestionForm = ({ fields, modes }: { fields: QuestionFields; modes: readonly string[] }) => {
  const possible = MODES.filter(({ mode }) => isPossible(mode, modes)).map(
    ({ mode, name }) => [mode, name] as const,
  );
  const hasFilter = fields.docs ?? fields.types ?? fields.sections ?? fields.pages ?? fields.confidence;
  return (
    <form class="question" onSubmit={submit} key={JSON.stringify(fields)}>
      <div class="ask">
        <label class="grow">
          <span class="hidden">Question</span>
          <input name="q" type="search" placeholder="Ask a question" required defaultValue={fields.q ?? ""} />
        </label>
        <button type="submit" class="main">
          Ask
        </button>
      </div>
      <div class="filters">
        <Choice label="Mode" name="mode" value={fields.mode} options={[["", "default"], ...possible]} />
        <Choice
          label="Side by side with"
          name="beside"
          value={fields.beside}
          options={[["", "nothing"], ...possible]}
        />
        <label>
          Hits
          <input name="k" type="number" min="1" max="100" placeholder="5" defaultValue={fields.k ?? ""} />
        </label>
        <Choice
          label="Rerank"
          name="rerank"
          value={fields.rerank}
          options={[
            ["", "default"],
            ["words", "words"],
            ["none", "none"],
          ]}
        />
        <Choice
          label="Expand to"
          name="expand"
          value={fields.expand}
          options={[["", "nothing"], ...EXPANSIONS.map((each) => [each, each] as const)]}
        />
      </div>
      <details open={hasFilter !== undefined}>
        <summary>Filters</summary>
        <div class="filters">
          <label class="grow">
            Documents, one a line
            <textarea name="docs" rows={2} defaultValue={fields.docs ?? ""} />
          </label>
          <label class="grow">
            Sections, one a line
            <textarea name="sections" rows={2} defaultValue={fields.sections ?? ""} />
          </label>
          <label>
            Types
            <input name="types" placeholder="Table, Text" defaultValue={fields.types ?? ""} />
          </label>
          <label>
            Pages
            <input
              name="pages"
              placeholder="3-7"
              pattern="\s*\d+\s*([\-–]\s*\d+\s*)?"
              title="a page, or a range such as 3-7"
              defaultValue={fields.pages ?? ""}
            />
          </label>
          <label>
            Least confidence
            <input
              name="confidence"
              type="number"
              min="0"
              max="1"
              step="0.05"
              placeholder="0"
              defaultValue={fields.confidence ?? ""}
            />
          </label>
        </div>
      </details>
    </form>
  );
};
