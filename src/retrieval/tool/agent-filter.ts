import { UnsiloedError } from "../../errors.js";
import { parseOptions } from "../../internal/options.js";
import { bothFilters, type SearchFilter, searchFilterSchema } from "../../stores/filter.js";
import type { ListedField, SinkCallOptions, VectorSink } from "../../stores/sink.js";
import { listNames, nearestName } from "../filter-names.js";
import { shortSource } from "../short-source.js";
import { choicesOf, type SearchToolInput } from "./tool-input.js";
import type { ToolFilters } from "./tool-options.js";

/** Names that an error lists for the agent to choose from. */
const LISTED = 20;

/** The ids of documents by the names under which passages have shown them. */
export type ShownDocuments = Map<string, Set<string>>;

/** What is searched, and what the agent may choose. */
export interface AgentScope {
  sink: VectorSink;
  /** The filter of the retriever, within which names are looked for. */
  filter: SearchFilter | undefined;
  filters: ToolFilters;
  shown: ShownDocuments;
}

const short = (docId: string): string => shortSource({ source: docId, doc_id: docId });
const folded = (name: string): string => name.toLowerCase().replace(/\s+/g, " ").trim();
const fileOf = (name: string): string => short(name).split("/").at(-1) ?? name;
const withoutExtension = (name: string): string => name.replace(/\.[a-z][a-z\d]{0,4}$/i, "");

/** Whether an agent means this document: by its id, its short name, or the name of its file. */
const namesDocument = (docId: string, name: string): boolean => {
  const forms = [docId, short(docId), fileOf(docId), withoutExtension(fileOf(docId))].map(folded);
  return forms.includes(folded(name)) || forms.includes(folded(short(name)));
};

/** Returns the file of a name such as `Annual Report 2025 (scan-17.pdf)`, as passages show it; else the name. */
const fileBeside = (name: string): string => /\(([^()]+)\)\s*$/.exec(name)?.[1] ?? name;

const namesSection = (heading: string, name: string): boolean => folded(heading) === folded(name);

interface Names {
  field: ListedField;
  key: "docIds" | "sections";
  noun: string;
  choices: string[] | undefined;
  /** Names that passages have shown, also where the store cannot list any. */
  shown: string[];
  isMeant: (known: string, name: string) => boolean;
}

/** @throws UnsiloedError `INVALID_OPTION`, with names that the agent can use */
const resolve = async (
  given: readonly string[],
  { field, key, noun, choices, shown, isMeant }: Names,
  { sink, filter }: AgentScope,
  options: SinkCallOptions,
): Promise<string[]> => {
  const known = choices ?? [...new Set([...(await listNames(sink, field, filter, options)), ...shown])];
  const found: string[] = [];
  for (const name of given) {
    const meant = known.filter((one) => isMeant(one, name));
    if (meant.length > 0) found.push(...meant);
    else if (!choices && (await mayExist(sink, bothFilters(filter, { [key]: [name] }), options)))
      found.push(name);
    else
      throw unknownName(
        noun,
        name,
        known.map((one) => (key === "docIds" ? short(one) : one)),
      );
  }
  return [...new Set(found)];
};

/** Whether a store has points that meet a filter; also when it cannot tell. */
const mayExist = async (
  sink: VectorSink,
  filter: SearchFilter | undefined,
  options: SinkCallOptions,
): Promise<boolean> => sink.canList === false || (await sink.count(filter, options)) > 0;

const unknownName = (noun: string, name: string, known: readonly string[]): UnsiloedError => {
  const nearest = nearestName(name, known);
  const advice = nearest === undefined ? "" : `; did you mean ${JSON.stringify(nearest)}?`;
  const some = known.slice(0, LISTED).map((one) => JSON.stringify(one));
  const list = some.length > 0 ? ` Some that there are: ${some.join(", ")}.` : "";
  return new UnsiloedError(
    "INVALID_OPTION",
    `there is no ${noun} ${JSON.stringify(name)}${advice || "."}${list}`,
  );
};

/**
 * Translates what an agent asks for into a filter of the store. Empty lists count as not given, because models write
 * them for "all".
 *
 * @throws UnsiloedError `INVALID_OPTION`, with a message for the agent
 */
export const toFilter = async (
  { documents, pages, types, sections }: Omit<SearchToolInput, "query">,
  scope: AgentScope,
  options: SinkCallOptions,
): Promise<SearchFilter> => {
  const { filters, shown } = scope;
  const filter: SearchFilter = {};
  if (filters.documents !== false && documents?.length) {
    const names: Names = {
      field: "doc_id",
      key: "docIds",
      noun: "document",
      choices: choicesOf(filters.documents),
      shown: [...shown.values()].flatMap((ids) => [...ids]),
      isMeant: (docId, name) =>
        shown.get(folded(name))?.has(docId) ||
        namesDocument(docId, name) ||
        namesDocument(docId, fileBeside(name)),
    };
    filter.docIds = await resolve(documents, names, scope, options);
  }
  if (filters.sections !== false && sections?.length) {
    const names: Names = {
      field: "section_path",
      key: "sections",
      noun: "section",
      choices: choicesOf(filters.sections),
      shown: [],
      isMeant: namesSection,
    };
    filter.sections = await resolve(sections, names, scope, options);
  }
  if (filters.types !== false && types?.length) filter.segmentTypes = types;
  if (filters.pages && pages) filter.pages = pages;
  const parsed = parseOptions(searchFilterSchema, filter, "filter");
  const choices = choicesOf(filters.types);
  const other = choices && parsed.segmentTypes?.find((type) => !choices.includes(type));
  if (other !== undefined) throw unknownName("segment type", other, choices ?? []);
  return parsed;
};

/** Remembers under which names documents were shown, because an agent repeats these. */
export const remember = (
  shown: ShownDocuments,
  { source, doc_id, title }: { source: string; doc_id: string; title?: string | undefined },
): void => {
  const file = shortSource({ source, doc_id });
  const names = [source, file, fileOf(file), ...(title === undefined ? [] : [title, `${title} (${file})`])];
  for (const name of new Set(names.map(folded))) shown.set(name, (shown.get(name) ?? new Set()).add(doc_id));
};
