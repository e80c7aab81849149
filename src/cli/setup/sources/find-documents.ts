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
  /** Ids of documents of the ledger, and names that may be ids of documents of the store only. */
  docIds: string[];
  /** Names of directories and globs below which the ledger has no document. */
  empty: string[];
  /** Whether a name stands for what the user has not spelled out. */
  isByPattern: boolean;
}

/** Matches ids of web addresses and jobs, and of files outside the root: they are in no directory below it. */
const ELSEWHERE = /^(?:[a-z][a-z0-9+.-]+:|\.\.\/)/i;

const isDirectory = (name: string): Promise<boolean> =>
  stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );

const objectPatternOf = (
  name: string,
  ids: ReadonlySet<string>,
): ((docId: string) => boolean) | undefined => {
  const { key, ...place } = readObjectAddress(name);
  const bucket = objectAddress(place);
  const matches = isGlob(key) ? picomatch(key) : undefined;
  if (matches) return (docId) => docId.startsWith(bucket) && matches(docId.slice(bucket.length));
  const prefix = prefixOf(name);
  const isPrefix = name.endsWith("/") || [...ids].some((docId) => docId.startsWith(prefix));
  return isPrefix ? (docId) => docId.startsWith(prefix) : undefined;
};

/** Returns the test whether a document is below a directory or matches a glob; `undefined` for any other name. */
const patternOf = async (
  name: string,
  ids: ReadonlySet<string>,
  root: string,
): Promise<((docId: string) => boolean) | undefined> => {
  if (isObjectAddress(name)) return objectPatternOf(name, ids);
  const asPath = fileDocId(path.resolve(name), root);
  if (isGlob(name)) {
    const matches = picomatch(asPath, { nocase: true });
    return (docId) => matches(docId);
  }
  const folder = asPath === "" ? "" : `${asPath}/`;
  // A directory that was removed still names its documents.
  const isFolder = (await isDirectory(name)) || [...ids].some((docId) => docId.startsWith(folder));
  return isFolder
    ? (docId) => docId.startsWith(folder) && !(folder === "" && ELSEWHERE.test(docId))
    : undefined;
};

/** Returns the path of what was ingested by an address of a file or as a saved result. */
const nameOf = (given: string): string => {
  const name = given.replace(/^result:/, "");
  return /^file:/i.test(name) ? sourceName(name) : name;
};

/**
 * Finds the documents that names stand for: ids; paths as they were given to `ingest`; directories, with all documents
 * below them; and globs.
 *
 * @param root directory that document ids are relative to
 */
export const findDocuments = async (
  names: readonly string[],
  root: string,
  ledger: Ledger,
): Promise<NamedDocuments> => {
  const ids = new Set<string>();
  for await (const { docId } of ledger.list()) ids.add(docId);
  const found = new Set<string>();
  const empty: string[] = [];
  let isByPattern = false;
  for (const given of names) {
    const name = ids.has(given) ? given : nameOf(given);
    const asPath = fileDocId(path.resolve(name), root);
    if (ids.has(name)) found.add(name);
    else if (ids.has(asPath)) found.add(asPath);
    else {
      const matches = await patternOf(name, ids, root);
      const matching = matches && [...ids].filter(matches).sort();
      if (matching === undefined) found.add(given);
      else if (matching.length === 0) empty.push(given);
      else {
        isByPattern = true;
        for (const docId of matching) found.add(docId);
      }
    }
  }
  return { docIds: [...found], empty, isByPattern };
};
