import type { SearchFilter } from "../../contract.js";

/** A filter of a search, as a field of the form. */
interface FilterField {
  label: string;
  /** How it is written: items on lines, items between commas, a range such as `3-7`, 0 to 1, or a name. */
  kind: "lines" | "list" | "range" | "fraction" | "name";
  placeholder?: string;
  /** Reads what was written; an empty field is not read. */
  read: (text: string) => SearchFilter;
}

type FilterName = Exclude<keyof SearchFilter, "all">;

const itemsOf = (text: string, separator: string): string[] | undefined => {
  const items = text.split(separator).map((item) => item.trim());
  const given = items.filter((item) => item !== "");
  return given.length > 0 ? given : undefined;
};

const lines = (text: string) => itemsOf(text, "\n");
const list = (text: string) => itemsOf(text, ",");

const range = (text: string): { from: number; to: number } | undefined => {
  const [, from, to = from] = /^\s*(\d+)\s*(?:[-–]\s*(\d+)\s*)?$/.exec(text) ?? [];
  return from === undefined ? undefined : { from: Number(from), to: Number(to) };
};

/** Every filter of a search, in the order of the form. */
export const FILTER_FIELDS: Readonly<Record<FilterName, FilterField>> = {
  docIds: { label: "Documents, one a line", kind: "lines", read: (text) => ({ docIds: lines(text) }) },
  sections: { label: "Sections, one a line", kind: "lines", read: (text) => ({ sections: lines(text) }) },
  segmentTypes: {
    label: "Types",
    kind: "list",
    placeholder: "Table, Text",
    read: (text) => ({ segmentTypes: list(text) }),
  },
  pages: { label: "Pages", kind: "range", placeholder: "3-7", read: (text) => ({ pages: range(text) }) },
  segments: {
    label: "Segments",
    kind: "range",
    placeholder: "12-20",
    read: (text) => ({ segments: range(text) }),
  },
  segmentIds: { label: "Segment ids", kind: "list", read: (text) => ({ segmentIds: list(text) }) },
  minConfidence: {
    label: "Least confidence",
    kind: "fraction",
    placeholder: "0",
    read: (text) => ({ minConfidence: Number(text) }),
  },
  version: { label: "Version", kind: "name", read: (text) => ({ version: text }) },
};

const isFilterName = (name: string): name is FilterName => Object.hasOwn(FILTER_FIELDS, name);

export const FILTER_NAMES = Object.keys(FILTER_FIELDS).filter(isFilterName);
