import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { fileDocId } from "../../documents/identity.js";
import { forgetDocument } from "../../ingest/forget.js";
import { ignoring } from "../../internal/async/ignoring.js";
import { isObjectAddress, prefixOf } from "../../internal/object-store/address.js";
import { ObjectStores } from "../../internal/object-store/open-store.js";
import type { LedgerRecord } from "../../ledger/record.js";
import type { VectorSink } from "../../stores/sink.js";
import type { Session } from "../setup/session.js";
import type { ChosenSources } from "../setup/sources/choose-sources.js";
import type { Terminal } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

const isDirectory = (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Returns the nearest directory above a file that still exists, if it is empty. */
const findEmptyAbove = async (file: string): Promise<string | undefined> => {
  let directory = path.dirname(file);
  while (directory !== path.dirname(directory) && !(await isDirectory(directory)))
    directory = path.dirname(directory);
  const names = await readdir(directory).catch(() => []);
  return names.length === 0 ? directory : undefined;
};

/** Returns the file a document was read from, if its id is the path of that file; other documents have none to miss. */
const fileOf = ({ doc_id, source, file, parse_hash, content_hash }: LedgerRecord): string | undefined => {
  if (parse_hash === null || content_hash === null) return undefined;
  const found = file ?? path.resolve(source);
  const names = doc_id.replace(/^(?:\.\.\/)+/, "");
  return found.split(path.sep).join("/").normalize("NFC").endsWith(`/${names}`) ? found : undefined;
};

/** Tells whether a store holds a document; seen from another directory, the same store has another description. */
const isIn = async (sink: VectorSink, { doc_id, store, point_ids }: LedgerRecord): Promise<boolean> => {
  if (store === sink.description || point_ids.length === 0) return true;
  const found = await ignoring("COLLECTION_NOT_FOUND", () => sink.count({ docIds: [doc_id] }));
  return found !== undefined && found > 0;
};

/** Documents whose files no longer exist. */
export interface GoneDocuments {
  /** To be removed. */
  gone: string[];
  /** How many are kept, by the empty directory that may not be mounted. */
  keptBelow: ReadonlyMap<string, number>;
  /** How many are in another store or collection, by its description. */
  elsewhere: ReadonlyMap<string, number>;
}

const addOne = (counts: Map<string, number>, key: string): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1);

/**
 * Finds the documents of the ledger below the named directories whose files no longer exist. Documents below an empty
 * directory are kept, since a file system that is not mounted looks the same.
 */
export const findGone = async (
  named: readonly string[],
  present: ReadonlySet<string>,
  root: string | undefined,
  { ledger, sink }: Pick<Session, "ledger" | "sink">,
): Promise<GoneDocuments> => {
  const base = path.resolve(root ?? process.cwd());
  const folders: string[] = [];
  for (const name of named) {
    if (!isObjectAddress(name) && !(await isDirectory(name))) continue;
    const folder = isObjectAddress(name)
      ? prefixOf(name)
      : `${fileDocId(path.resolve(name), base)}/`.replace(/^\/$/, "");
    if ([...present].some((docId) => docId.startsWith(folder))) folders.push(folder);
  }
  const gone: string[] = [];
  const keptBelow = new Map<string, number>();
  const elsewhere = new Map<string, number>();
  const stores = new ObjectStores();
  for await (const { docId, record } of ledger.list()) {
    if (!record || present.has(docId) || !folders.some((folder) => docId.startsWith(folder))) continue;
    const recorded = fileOf(record);
    // After the root was moved, neither the old path nor the new one may exist.
    const file = path.resolve(base, docId);
    const isObject = isObjectAddress(docId);
    const isThere = isObject
      ? await stores.find(docId)
      : recorded === undefined || (await exists(recorded)) || (await exists(file));
    if (isThere) continue;
    const empty = isObject ? undefined : await findEmptyAbove(file);
    if (empty !== undefined) addOne(keptBelow, empty);
    else if (record.store !== null && !(await isIn(sink, record))) addOne(elsewhere, record.store);
    else gone.push(docId);
  }
  return { gone: gone.sort(), keptBelow, elsewhere };
};

/** Says which documents are not removed, and why. */
export const sayKept = ({ keptBelow, elsewhere }: GoneDocuments, out: Terminal): void => {
  for (const [directory, count] of keptBelow)
    out.say(
      `${directory}: the directory is empty and may not be mounted, so ${counted(count, "document")} below it ` +
        `${count === 1 ? "is" : "are"} kept; to remove ${count === 1 ? "it" : "them"}, remove the directory or use ` +
        '"unsiloed-ingest delete"',
    );
  for (const [store, count] of elsewhere)
    out.say(
      `${store}: ${counted(count, "document")} without a file ${count === 1 ? "is" : "are"} kept there; ` +
        "pass that store with --store and --collection to remove them",
    );
};

/** Notes the ids of the sources that pass by, if they are asked for. */
export const noting = (
  sources: ChosenSources,
  isWanted: boolean | undefined,
): { sources: ChosenSources; present: ReadonlySet<string> } => {
  const present = new Set<string>();
  if (!isWanted) return { sources, present };
  if (Array.isArray(sources)) {
    for (const { docId } of sources) present.add(docId);
    return { sources, present };
  }
  const noted = async function* () {
    for await (const source of sources) {
      present.add(source.docId);
      yield source;
    }
  };
  return { sources: noted(), present };
};

/** How much `--prune` removed. */
export interface Pruned {
  documents: number;
  points: number;
}

/** Does what `--prune` asks for: lists the documents whose files no longer exist, then removes them. */
export const prune = async (
  named: readonly string[],
  present: ReadonlySet<string>,
  root: string | undefined,
  session: Session,
  out: Terminal,
): Promise<Pruned> => {
  const found = await findGone(named, present, root, session);
  const { gone } = found;
  const { sink, ledger, results } = session;
  for (const docId of gone) out.say(`${docId}: its file no longer exists; removing it from the store`);
  let points = 0;
  for (const docId of gone) points += (await forgetDocument(docId, { sink, ledger, results })).points;
  sayKept(found, out);
  return { documents: gone.length, points };
};
