import type { Expansion, QuestionRequest, SearchFilter, SearchMode } from "../../contract.js";
import { FILTER_FIELDS, FILTER_NAMES } from "../shared/filter-fields.js";
import type { QuestionFields } from "../shared/route.js";

export const MODES: readonly { mode: SearchMode; name: string }[] = [
  { mode: "hybrid", name: "hybrid: both" },
  { mode: "dense", name: "dense: by vector" },
  { mode: "text", name: "text: by words" },
];

export const EXPANSIONS: readonly Expansion[] = ["neighbours", "section", "table", "caption"];

export const modeOf = (name: string | undefined): SearchMode | undefined =>
  MODES.find(({ mode }) => mode === name)?.mode;

const filterOf = (fields: QuestionFields): SearchFilter => {
  const filter: SearchFilter = {};
  for (const name of FILTER_NAMES) {
    const text = fields[name]?.trim() ?? "";
    if (text !== "") Object.assign(filter, FILTER_FIELDS[name].read(text));
  }
  return filter;
};

/** Makes a request of what the form says; `undefined` before a question is asked. */
export const requestOf = (
  fields: QuestionFields,
  mode: SearchMode | undefined,
): QuestionRequest | undefined => {
  const question = fields.q?.trim() ?? "";
  if (question === "") return undefined;
  const expand = EXPANSIONS.find((each) => each === fields.expand);
  return {
    question,
    mode,
    k: fields.k === undefined ? undefined : Number(fields.k),
    rerank: fields.rerank === "words" || fields.rerank === "none" ? fields.rerank : undefined,
    denseShare: fields.denseShare === undefined ? undefined : Number(fields.denseShare),
    expand: expand && [expand],
    filter: filterOf(fields),
  };
};
