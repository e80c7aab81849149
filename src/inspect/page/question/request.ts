import type { Expansion, QuestionRequest, SearchFilter, SearchMode } from "../../contract.js";
import type { QuestionFields } from "../shared/route.js";

export const MODES: readonly { mode: SearchMode; name: string }[] = [
  { mode: "hybrid", name: "hybrid: both" },
  { mode: "dense", name: "dense: by vector" },
  { mode: "text", name: "text: by words" },
];

export const EXPANSIONS: readonly Expansion[] = ["neighbours", "section", "table", "caption"];

export const modeOf = (name: string | undefined): SearchMode | undefined =>
  MODES.find(({ mode }) => mode === name)?.mode;

/** Reads a list that has an item on each line, or items between commas. */
const listOf = (text: string | undefined, separator: string): string[] | undefined => {
  const items = (text ?? "").split(separator).map((item) => item.trim());
  const given = items.filter((item) => item !== "");
  return given.length > 0 ? given : undefined;
};

const rangeOf = (text: string | undefined): { from: number; to: number } | undefined => {
  const [, from, to = from] = /^\s*(\d+)\s*(?:[-–]\s*(\d+)\s*)?$/.exec(text ?? "") ?? [];
  return from === undefined ? undefined : { from: Number(from), to: Number(to) };
};

const filterOf = (fields: QuestionFields): SearchFilter => {
  const { docs, types, sections, pages, confidence } = fields;
  return {
    docIds: listOf(docs, "\n"),
    segmentTypes: listOf(types, ","),
    sections: listOf(sections, "\n"),
    pages: rangeOf(pages),
    minConfidence: confidence === undefined ? undefined : Number(confidence),
  };
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
    expand: expand && [expand],
    filter: filterOf(fields),
  };
};
