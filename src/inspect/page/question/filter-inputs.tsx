import { FILTER_FIELDS, FILTER_NAMES } from "../shared/filter-fields.js";
import type { QuestionFields } from "../shared/route.js";

/** What a browser checks before a question is asked. */
const CHECKS = {
  list: {},
  name: {},
  range: { pattern: "\\s*\\d+\\s*([\\-–]\\s*\\d+\\s*)?", title: "a number, or a range such as 3-7" },
  fraction: { type: "number", min: "0", max: "1", step: "any" },
} as const;

/** The fields of all filters, folded away until one is used. */
export const FilterInputs = ({ fields }: { fields: QuestionFields }) => (
  <details open={FILTER_NAMES.some((name) => fields[name] !== undefined)}>
    <summary>Filters</summary>
    <div class="filters">
      {FILTER_NAMES.map((name) => {
        const { label, kind, placeholder } = FILTER_FIELDS[name];
        const given = { name, placeholder, defaultValue: fields[name] ?? "" };
        return kind === "lines" ? (
          <label key={name} class="grow">
            {label}
            <textarea rows={2} {...given} />
          </label>
        ) : (
          <label key={name}>
            {label}
            <input {...given} {...CHECKS[kind]} />
          </label>
        );
      })}
    </div>
  </details>
);
