import { stat } from "node:fs/promises";
import path from "node:path";
import picomatch from "picomatch";
import { isGlob } from "../../../../loaders/files/file-patterns.js";
import { fileDocId } from "../../../documents/identity.js";
import {
  isObjectAddress,
  objectAddress,
  prefixOf,
  readObjectAddress,
} from "../../../internal/object-store/address.js";
import type { Ledger } from "../../../ledger/ledger.js";
import { sourceName } from "./source-name.js";

/** The documents that names stand for. */
export interface NamedDocuments {
  /** How many there are. */
  count: number;
  /** Lists their ids: of documents of the ledger, and names that may be ids of documents of the store only. */
  docIds(): AsyncIterable<string>;
  /** Names of directories and globs below which the ledger has no document. */
  empty: string[];
  /** Whether a name stands for what the user has not spelled out. */
  isByPattern: boolean;
}

/** What a name stands for that is no id: documents below a directory or a prefix, or matches of a glob. */
interface Pattern {
  given: string;
  matches: (docId: string) => boolean;
  /** Whether it can be nothing else, also if no document matches. */
  isCertain: boolean;
  count: number;
}

/** Matches ids of web addresses and jobs, and of files outside the root: they are in no directory below it. */
const ELSEWHERE = /^(?:[a-z][a-z0-9+.-]+:|\.\.\/)/i;

const isDirectory = (name: string): Promise<boolean> =>
  stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );

const objectPatternOf = (name: string): Omit<Pattern, "given" | "count"> => {
  const { key, ...place } = readObjectAddress(name);
  const bucket = objectAddress(place);
  const matches = isGlob(key) ? picomatch(key) : undefined;
  if (matches)
    return {
      matches: (docId) => docId.startsWith(bucket) && matches(docId.slice(bucket.length)),
      isCertain: true,
    };
  const prefix = prefixOf(name);
  return { matches: (docId) => docId.startsWith(prefix), isCertain: name.endsWith("/") };
};

const patternOf = async (name: string, root: string): Promise<Omit<Pattern, "given" | "count">> => {
  if (isObjectAddress(name)) return objectPatternOf(name);
  const asPath = fileDocId(path.resolve(name), root);
  if (isGlob(name)) {
    const matches = picomatch(asPath, { nocase: true });
    return { matches: (docId) => matches(docId), isCertain: true };
  }
  const folder = asPath === "" ? "" : `${asPath}/`;
  return {
    matches: (docId) => docId.startsWith(folder) && !(folder === "" && ELSEWHERE.test(docId)),
    // A directory that was removed still names its documents.
    isCertain: await isDirectory(name),
  };
};

/** Returns the path of what was ingested by an address of a file or as a saved result. */
const nameOf = (given: string): string => {
  const name = given.replace(/^result:/, "");
  return /^file:/i.test(name) ? sourceName(name) : name;
};

/**
 * Finds the documents that names stand for: ids; paths as they were given to `ingest`; directories, with all documents
 * below them; and globs. The ledger is read as a stream, so that only what was named is in memory.
 *
 * @param root directory that document ids are relative to
 */
export const findDocuments = async (
  names: readonly string[],
  root: string,
  ledger: Ledger,
): Promise<NamedDocuments> => {
  const asPaths = new Map(names.map((given) => [given, fileDocId(path.resolve(nameOf(given)), root)]));
  const known = await ledger.getMany([...names, ...names.map(nameOf), ...asPaths.values()]);
  const exact = new Set<string>();
  const patterns: Pattern[] = [];
  for (const given of names) {
    const docId = [given, nameOf(given), asPaths.get(given) ?? given].find((one) => known.has(one));
    if (docId !== undefined) exact.add(docId);
    else patterns.push({ given, count: 0, ...(await patternOf(nameOf(given), root)) });
  }
  let count = 0;
  if (patterns.length > 0)
    for await (const { docId } of ledger.list()) {
      const matching = patterns.filter(({ matches }) => matches(docId));
      for (const pattern of matching) pattern.count += 1;
      if (matching.length > 0 && !exact.has(docId)) count += 1;
    }
  const isMatched = (docId: string) => !exact.has(docId) && patterns.some(({ matches }) => matches(docId));
  const empty = patterns.filter((pattern) => pattern.count === 0);
  for (const { given, isCertain } of empty) if (!isCertain) exact.add(given);
  return {
    count: count + exact.size,
    docIds: async function* () {
      yield* exact;
      if (count > 0) for await (const { docId } of ledger.list()) if (isMatched(docId)) yield docId;
    },
    empty: empty.filter(({ isCertain }) => isCertain).map(({ given }) => given),
    isByPattern: patterns.some((pattern) => pattern.count > 0),
  };
};
