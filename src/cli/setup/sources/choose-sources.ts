import { stat } from "node:fs/promises";
import { UnsiloedFileLoader } from "../../../../loaders/file-loader.js";
import type { FilePatternOptions } from "../../../../loaders/files/file-patterns.js";
import { addSkipped, type SkippedFiles } from "../../../../loaders/files/skipped-files.js";
import { FileSearch } from "../../../../loaders/find-files.js";
import { type DocumentSource, failingSource } from "../../../documents/source.js";
import { UnsiloedError } from "../../../errors.js";
import { isObjectAddress } from "../../../internal/object-store/address.js";
import { omitUndefined } from "../../../internal/objects.js";
import type { PostgresDatabase } from "../../../internal/postgres/database.js";
import { UnsiloedClient } from "../../../parse-api/client.js";
import type { ParseRequestOptions } from "../../../parse-api/jobs/request-options.js";
import { sharedBudget } from "./shared-budget.js";
import { sourceName } from "./source-name.js";

export interface SourceSettings {
  /** Which files of directories and globs to take. @default all that can be parsed */
  patterns?: FilePatternOptions | undefined;
  /** Is told what directories and globs held that was not taken. */
  skipped?: SkippedFiles | undefined;
  /** Directory that document ids are relative to. @default the working directory */
  root?: string | undefined;
  /** Document id, for a single source. */
  docId?: string | undefined;
  /** Title of the document, for a single source. */
  title?: string | undefined;
  /** Request options of the parse service. */
  parse?: ParseRequestOptions | undefined;
  pollIntervalMs?: number | undefined;
  timeoutMs?: number | undefined;
  /** Calls of the parse API, of all kinds. @default 60 */
  callsPerMinute?: number | undefined;
  maxActiveJobs?: number | undefined;
  /** The database of the ledger: machines that share one share the calls too. @default calls are of this process */
  database?: PostgresDatabase | undefined;
  /** Called with each thing to know about the request options, once. */
  onWarning?: ((note: string) => void) | undefined;
  /** Whether the service is never called, so that no key is needed. @default false */
  offline?: boolean | undefined;
}

const NO_KEY = "none";

/** Finds what is wrong with the one local file that a name stands for, where no key is set to look for it with. */
const problemOf = async (
  name: string,
  { patterns, skipped }: SourceSettings,
): Promise<UnsiloedError | undefined> => {
  if (/^(?:https?|result|job):/i.test(name) || isObjectAddress(name)) return undefined;
  const search = new FileSearch(patterns);
  const [only, ...others] = await search.find(name);
  if (!only?.problem || others.length > 0) return undefined;
  if (skipped) addSkipped(skipped, search.skipped);
  return only.problem;
};

/** Turns names into sources that share one client and its limits. */
export class SourceFinder {
  #client: Promise<UnsiloedClient> | undefined;

  /** Finds the sources that a name stands for. @throws UnsiloedError `API_KEY_MISSING` where the service is needed */
  async find(given: string, settings: SourceSettings): Promise<DocumentSource[]> {
    const sources: DocumentSource[] = [];
    for await (const source of await this.findLazily(given, settings)) sources.push(source);
    return sources;
  }

  /** As `find`, but finds the sources as they are needed. */
  async findLazily(given: string, settings: SourceSettings): Promise<AsyncIterable<DocumentSource>> {
    const name = sourceName(given);
    try {
      return await this.stream(name, settings);
    } catch (thrown) {
      const problem = await problemOf(name, settings);
      if (!problem) throw thrown;
      return oneByOne([[failingSource({ docId: settings.docId ?? name, source: name }, problem)]]);
    }
  }

  /** Finds the sources that a name stands for as they are needed. @throws UnsiloedError `API_KEY_MISSING`, at once */
  async stream(name: string, settings: SourceSettings): Promise<AsyncIterable<DocumentSource>> {
    const loader = await this.#loaderOf(name, settings);
    return (async function* () {
      try {
        yield* loader.sources();
      } finally {
        if (settings.skipped && "skipped" in loader) addSkipped(settings.skipped, loader.skipped);
      }
    })();
  }

  async #loaderOf(name: string, settings: SourceSettings) {
    const shared = omitUndefined({ root: settings.root, docId: settings.docId, title: settings.title });
    const found = { ...shared, ...settings.patterns };
    if (name.startsWith("result:")) {
      const { UnsiloedResultLoader } = await import("../../../../loaders/result-loader.js");
      return new UnsiloedResultLoader(name.slice("result:".length), { ...found, words: true });
    }
    const { callsPerMinute, maxActiveJobs } = settings;
    const rateLimit =
      callsPerMinute === undefined ? undefined : { requests: callsPerMinute, windowMs: 60_000 };
    const newClient = async (): Promise<UnsiloedClient> => {
      const { offline, database, onWarning } = settings;
      if (offline) return new UnsiloedClient(omitUndefined({ apiKey: NO_KEY, onWarning }));
      const limits = { rateLimit, maxActiveJobs };
      const budget = database && (await sharedBudget(database, limits));
      return new UnsiloedClient(omitUndefined({ ...(budget ? { budget } : limits), onWarning }));
    };
    this.#client ??= newClient();
    const wait = omitUndefined({ pollIntervalMs: settings.pollIntervalMs, timeoutMs: settings.timeoutMs });
    // Word boxes make the boxes of splits exact.
    const online = { ...shared, client: await this.#client, wait, words: true };
    if (name.startsWith("job:")) {
      const { UnsiloedJobLoader } = await import("../../../../loaders/job-loader.js");
      return new UnsiloedJobLoader(name.slice("job:".length), online);
    }
    return new UnsiloedFileLoader(name, { ...found, ...online, ...omitUndefined({ parse: settings.parse }) });
  }
}

/** A source, and the name that led to it. */
export interface NamedSource {
  name: string;
  source: DocumentSource;
}

export async function* oneByOne<T>(parts: readonly (Iterable<T> | AsyncIterable<T>)[]): AsyncGenerator<T> {
  for (const part of parts) yield* part;
}

/** Sources that are found before the first is worked on, so that few are counted. Of more, the others are found as needed. */
const LISTED = 1_000;

/** The sources of a command: a stream where they may be more than memory holds. */
export type ChosenSources = DocumentSource[] | AsyncIterable<DocumentSource>;

/**
 * Turns the names that the user gave into sources, and says which name led to each: the first of them listed, all others
 * and the objects of object stores as streams.
 */
export const findSources = async (
  named: readonly string[],
  settings: SourceSettings,
): Promise<{ listed: NamedSource[]; streams: AsyncIterable<NamedSource>[] }> => {
  const isSingle = settings.docId !== undefined || settings.title !== undefined;
  const isObject = (name: string) => !isSingle && isObjectAddress(name);
  const objects = named.filter(isObject).map(sourceName);
  await checkNames(named, settings);
  const found = findNamed(
    named.filter((name) => !isObject(name)),
    settings,
  );
  const listed: NamedSource[] = [];
  let isMore = false;
  for (;;) {
    const { done, value } = await found.next();
    if (done) break;
    listed.push(value);
    isMore = !isSingle && listed.length === LISTED;
    if (isMore) break;
  }
  for (const [option, value] of [
    ["--doc-id", settings.docId],
    ["--title", settings.title],
  ])
    if (value !== undefined && listed.length > 1)
      throw new UnsiloedError("INVALID_OPTION", `${option}: expected a single source, got ${listed.length}`);
  const finder = new SourceFinder();
  const streams = await Promise.all(
    objects.map(async (name) => withName(name, await finder.stream(name, settings))),
  );
  return { listed, streams: isMore ? [found, ...streams] : streams };
};

/** Turns the names that the user gave into sources: objects of object stores last, all others in that order. */
export const chooseSources = async (
  named: readonly string[],
  settings: SourceSettings,
): Promise<ChosenSources> => {
  const { listed, streams } = await findSources(named, settings);
  const sources = listed.map(({ source }) => source);
  return streams.length === 0 ? sources : withoutNames(oneByOne([listed, ...streams]));
};

const checkNames = async (named: readonly string[], { root }: SourceSettings): Promise<void> => {
  if (named.length === 0)
    throw new UnsiloedError(
      "INVALID_OPTION",
      "source: expected files, directories, globs or addresses, got none; name them, or list them as sources in unsiloed.config.json",
    );
  const isDirectory = async (name: string) => (await stat(name).catch(() => undefined))?.isDirectory();
  if (root !== undefined && !(await isDirectory(root)))
    throw new UnsiloedError("INVALID_OPTION", `--root: expected a directory, got "${root}"`);
};

async function* findNamed(
  named: readonly string[],
  settings: SourceSettings,
): AsyncGenerator<NamedSource, undefined> {
  const finder = new SourceFinder();
  const seen = new Set<string>();
  for (const name of named)
    for await (const source of await finder.findLazily(name, settings)) {
      // Ids come from paths, addresses and jobs, so two sources with one id are the same, named in two ways.
      if (seen.has(source.docId)) continue;
      if (named.length > 1) seen.add(source.docId);
      yield { name, source };
    }
  return undefined;
}

async function* withName(name: string, sources: AsyncIterable<DocumentSource>): AsyncGenerator<NamedSource> {
  for await (const source of sources) yield { name, source };
}

async function* withoutNames(named: AsyncIterable<NamedSource>): AsyncGenerator<DocumentSource> {
  for await (const { source } of named) yield source;
}
