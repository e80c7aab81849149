import { useEffect, useState } from "preact/hooks";

/** What the page shows, as the part of its address after `#` says it, so that reloading and going back work. */
export type Route =
  | { view: "documents"; search: string; standing: string }
  | { view: "document"; doc: string; page: number; select: Selection | undefined };

/** What is selected on a page: a segment by its index, or a split by its id. */
export type Selection = { kind: "segment"; index: number } | { kind: "split"; id: string };

/** Selects something. @param page the page it is on, where it may be another than the one that is shown */
export type OnSelect = (selection: Selection, page?: number) => void;

const selectionOf = (text: string | null): Selection | undefined => {
  const [, kind, name = ""] = /^(segment|split):(.+)$/.exec(text ?? "") ?? [];
  if (kind === "segment") return { kind, index: Number(name) };
  return kind === "split" ? { kind, id: name } : undefined;
};

const nameOf = (selection: Selection): string =>
  selection.kind === "segment" ? `segment:${selection.index}` : `split:${selection.id}`;

export const routeOf = (hash: string): Route => {
  const [name, query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const doc = parameters.get("doc");
  if (name === "document" && doc !== null)
    return {
      view: "document",
      doc,
      page: Number(parameters.get("page") ?? "1"),
      select: selectionOf(parameters.get("select")),
    };
  return {
    view: "documents",
    search: parameters.get("search") ?? "",
    standing: parameters.get("standing") ?? "",
  };
};

/** Writes the address of a route. */
export const hrefOf = (route: Route): string => {
  const parameters = new URLSearchParams();
  if (route.view === "documents") {
    if (route.search !== "") parameters.set("search", route.search);
    if (route.standing !== "") parameters.set("standing", route.standing);
  } else {
    parameters.set("doc", route.doc);
    parameters.set("page", String(route.page));
    if (route.select) parameters.set("select", nameOf(route.select));
  }
  return `#/${route.view}?${parameters}`;
};

/** Shows another route. @param replace leaves no step to go back to */
export const go = (route: Route, replace = false): void => {
  if (replace) location.replace(hrefOf(route));
  else location.hash = hrefOf(route);
};

export const useRoute = (): Route => {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const onChange = () => setRoute(routeOf(location.hash));
    addEventListener("hashchange", onChange);
    return () => removeEventListener("hashchange", onChange);
  }, []);
  return route;
};
