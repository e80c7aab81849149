import { go, QUESTION_FIELDS, type QuestionFields } from "../shared/route.js";
import { FilterInputs } from "./filter-inputs.js";
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
        <Choice
          label="Mode"
          name="mode"
          value={fields.mode}
          options={[
            ["", possible.some(([mode]) => mode === "hybrid") ? "default: hybrid" : "default"],
            ...possible,
          ]}
        />
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
        <label title="In hybrid search: 0 is by words only, 1 by vector only">
          Share of vector
          <input
            name="denseShare"
            type="number"
            min="0"
            max="1"
            step="any"
            placeholder="0.4"
            defaultValue={fields.denseShare ?? ""}
          />
        </label>
        <Choice
          label="Rerank"
          name="rerank"
          value={fields.rerank}
          options={[
            ["", "default: words in hybrid"],
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
      <FilterInputs fields={fields} />
    </form>
  );
};
