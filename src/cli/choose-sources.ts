import { UnsiloedFileLoader } from "../../loaders/file-loader.js";
import { findFiles } from "../../loaders/find-files.js";
import { UnsiloedJobLoader } from "../../loaders/job-loader.js";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import type { DocumentSource } from "../documents/source.js";
import { UnsiloedError } from "../errors.js";
import { UnsiloedClient } from "../parse-api/client.js";
import type { ParseRequestOptions } from "../parse-api/request-options.js";

export interface SourceSettings {
  /** Directory that document ids are relative to. @default the working directory */
  root?: string | undefined;
  /** Document id, for a single source. */
  docId?: string | undefined;
  /** Request options of the parse service. */
  parse?: ParseRequestOptions | undefined;
  pollIntervalMs?: number | undefined;
  timeoutMs?: number | undefined;
}

const omitUndefined = <T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } => {
  const given: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in options) {
    const value = options[key];
    if (value !== undefined) Object.assign(given, { [key]: value });
  }
  return given;
};

/** A source that could not even be found: it fails when it is read, like any other, and does not stop the rest. */
const missing = (source: string, error: UnsiloedError): DocumentSource => ({
  docId: source,
  source,
  read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
});

/** What is wrong with the one local file a name stands for, found out before a key is asked for. */
const problemOf = async (name: string): Promise<UnsiloedError | undefined> => {
  if (/^(?:https?|result|job):/i.test(name)) return undefined;
  const [only, ...others] = await findFiles(name);
  return others.length === 0 ? only?.problem : undefined;
};

/** Turns what the user named into sources, in that order. One client serves them all, so they share its limits. */
export const chooseSources = async (
  named: readonly string[],
  settings: SourceSettings,
): Promise<DocumentSource[]> => {
  let client: UnsiloedClient | undefined;
  const shared = omitUndefined({ root: settings.root, docId: settings.docId });
  const online = () => {
    client ??= new UnsiloedClient();
    const wait = omitUndefined({ pollIntervalMs: settings.pollIntervalMs, timeoutMs: settings.timeoutMs });
    return { ...shared, client, wait, ...omitUndefined({ parse: settings.parse }) };
  };
  const loaderOf = (name: string) => {
    if (name.startsWith("result:")) return new UnsiloedResultLoader(name.slice("result:".length), shared);
    if (name.startsWith("job:")) return new UnsiloedJobLoader(name.slice("job:".length), online());
    return new UnsiloedFileLoader(name, online());
  };
  const sources: DocumentSource[] = [];
  for (const name of named) {
    const problem = await problemOf(name);
    if (problem) {
      sources.push(missing(name, problem));
      continue;
    }
    for await (const source of loaderOf(name).sources()) sources.push(source);
  }
  if (settings.docId !== undefined && sources.length > 1) {
    throw new UnsiloedError("INVALID_OPTION", `--doc-id: expected a single source, got ${sources.length}`);
  }
  // Ids come from paths, addresses and jobs: one that is there already is the same source named in another way.
  return [...new Map(sources.map((source) => [source.docId, source])).values()];
};
