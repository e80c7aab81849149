import { useEffect, useMemo, useState } from "preact/hooks";
import { FILTER_NAMES } from "./filter-fields.js";

/** What is selected on a page: a segment by its index, or a split by its id. */
export type Selection = { kind: "segment"; index: number } | { kind: "split"; id: string };

/** Selects something. @param page the page it is on, where it may be another than the one that is shown */
export type OnSelect = (selection: Selection, page?: number) => void;

/** Fields of the form of a question, as they are written. */
export const QUESTION_FIELDS = [
  "q",
  "mode",
  "beside",
  "k",
  "rerank",
  "denseShare",
  "expand",
  ...FILTER_NAMES,
] as const;

export type QuestionFields = Partial<Record<(typeof QUESTION_FIELDS)[number], string>>;

/** What the page shows, as the part of its address after `#` says it, so that reloading and going back work. */
export type Route =
  | {
      view: "documents";
      search: string;
      standing: string;
      /** Part of the list, from 1. @default 1 */
      page?: number;
    }
  | {
      view: "document";
      doc: string;
      page: number;
      select: Selection | undefined;
      /** Splits of it that a question found, the best first. @default none */
      hits?: readonly string[];
    }
  | { view: "report"; doc: string }
  | { view: "question"; fields: QuestionFields };

export type RouteOf<V extends Route["view"]> = Extract<Route, { view: V }>;

const selectionOf = (text: string | null): Selection | undefined => {
  const [, kind, name = ""] = /^(segment|split):(.+)$/.exec(text ?? "") ?? [];
  if (kind === "segment") return { kind, index: Number(name) };
  return kind === "split" ? { kind, id: name } : undefined;
};

const nameOf = (selection: Selection): string =>
  selection.kind === "segment" ? `segment:${selection.index}` : `split:${selection.id}`;

/** Reads the number of a page; the first where it says none. */
const wholeOf = (text: string | null): number => (/^\d+$/.test(text ?? "") ? Number(text) : 1);

const fieldsOf = (parameters: URLSearchParams): QuestionFields =>
  Object.fromEntries(
    QUESTION_FIELDS.flatMap((name) => {
      const value = parameters.get(name);
      return value === null || value === "" ? [] : [[name, value]];
    }),
  );

export const routeOf = (hash: string): Route => {
  const [name, query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const doc = parameters.get("doc");
  if (name === "document" && doc !== null) {
    const page = wholeOf(parameters.get("page"));
    const hits = parameters.get("hits")?.split(",") ?? [];
    return { view: "document", doc, page, select: selectionOf(parameters.get("select")), hits };
  }
  if (name === "report" && doc !== null) return { view: "report", doc };
  if (name === "question") return { view: "question", fields: fieldsOf(parameters) };
  return {
    view: "documents",
    search: parameters.get("search") ?? "",
    standing: parameters.get("standing") ?? "",
    page: wholeOf(parameters.get("page")),
  };
};

const parametersOf = (route: Route): Record<string, string> => {
  switch (route.view) {
    case "documents":
      return {
        search: route.search,
        standing: route.standing,
        page: route.page === undefined || route.page === 1 ? "" : String(route.page),
      };
    case "document":
      return {
        doc: route.doc,
        page: String(route.page),
        select: route.select ? nameOf(route.select) : "",
        hits: (route.hits ?? []).join(","),
      };
    case "report":
      return { doc: route.doc };
    case "question":
      return route.fields;
  }
};

/** Writes the address of a route. */
export const hrefOf = (route: Route): string => {
  const given = Object.entries(parametersOf(route)).filter(([, value]) => value !== "");
  return `#/${route.view}?${new URLSearchParams(given)}`;
};

/** Who shows the route. */
const listeners = new Set<() => void>();

/** Shows another route. @param replace leaves no step to go back to */
export const go = (route: Route, replace = false): void => {
  if (replace) location.replace(hrefOf(route));
  else location.hash = hrefOf(route);
  // The browser tells of it a little later. What is drawn until then would still show, and go on from, the old route.
  for (const listener of listeners) listener();
};

export const useRoute = (): Route => {
  const [hash, setHash] = useState(() => location.hash);
  useEffect(() => {
    const onChange = () => setHash(location.hash);
    listeners.add(onChange);
    addEventListener("hashchange", onChange);
    return () => {
      listeners.delete(onChange);
      removeEventListener("hashchange", onChange);
    };
  }, []);
  return useMemo(() => routeOf(hash), [hash]);
};
