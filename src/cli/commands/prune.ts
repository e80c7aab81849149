import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { fileDocId } from "../../documents/identity.js";
import type { DocumentSource } from "../../documents/source.js";
import { UnsiloedError } from "../../errors.js";
import { forgetDocument } from "../../ingest/forget.js";
import type { LedgerRecord } from "../../ledger/record.js";
import type { VectorSink } from "../../stores/sink.js";
import type { Session } from "../setup/session.js";
import type { Terminal } from "../terminal/terminal.js";

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

/** The directory a file was in, or the nearest above it that is still there, if nothing at all is in it. */
const findEmptyAbove = async (file: string): Promise<string | undefined> => {
  let directory = path.dirname(file);
  while (directory !== path.dirname(directory) && !(await isDirectory(directory)))
    directory = path.dirname(directory);
  const names = await readdir(directory).catch(() => []);
  return names.length === 0 ? directory : undefined;
};

/** The file a document was read from, if its id is that file's path; else no file can be missed. */
const fileOf = ({ doc_id, source, file, parse_hash, content_hash }: LedgerRecord): string | undefined => {
  if (parse_hash === null || content_hash === null) return undefined;
  const found = file ?? path.resolve(source);
  const names = doc_id.replace(/^(?:\.\.\/)+/, "");
  return found.split(path.sep).join("/").normalize("NFC").endsWith(`/${names}`) ? found : undefined;
};

/** Whether a store holds a document; from another directory it may go by another name. */
const isIn = async (sink: VectorSink, { doc_id, store, point_ids }: LedgerRecord): Promise<boolean> => {
  if (store === sink.description || point_ids.length === 0) return true;
  const found = await sink.count({ docIds: [doc_id] }).catch((thrown: unknown) => {
    if (thrown instanceof UnsiloedError && thrown.code === "COLLECTION_NOT_FOUND") return 0;
    throw thrown;
  });
  return found > 0;
};

/** What `--prune` is about. */
export interface GoneDocuments {
  /** To be removed. */
  gone: string[];
  /** How many are passed over, by the empty directory that may not be mounted. */
  passedOver: ReadonlyMap<string, number>;
  /** How many are in another store or collection, by that. */
  elsewhere: ReadonlyMap<string, number>;
}

const addOne = (counts: Map<string, number>, key: string): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1);

/**
 * Documents that the ledger knows below the directories that were named, and whose files are gone. What was below a
 * directory in which nothing is left is passed over: it may be one that is not mounted.
 */
export const findGone = async (
  named: readonly string[],
  sources: readonly DocumentSource[],
  root: string | undefined,
  { ledger, sink }: Pick<Session, "ledger" | "sink">,
): Promise<GoneDocuments> => {
  const base = path.resolve(root ?? process.cwd());
  const present = new Set(sources.map(({ docId }) => docId));
  const folders: string[] = [];
  for (const name of named) {
    if (!(await isDirectory(name))) continue;
    const folder = `${fileDocId(path.resolve(name), base)}/`.replace(/^\/$/, "");
    if ([...present].some((docId) => docId.startsWith(folder))) folders.push(folder);
  }
  const gone: string[] = [];
  const passedOver = new Map<string, number>();
  const elsewhere = new Map<string, number>();
  for await (const { docId, record } of ledger.list()) {
    if (!record || present.has(docId) || !folders.some((folder) => docId.startsWith(folder))) continue;
    const recorded = fileOf(record);
    // Where the root was moved, neither the old place nor the new one may have the file.
    const file = path.resolve(base, docId);
    if (recorded === undefined || (await exists(recorded)) || (await exists(file))) continue;
    const empty = await findEmptyAbove(file);
    if (empty !== undefined) addOne(passedOver, empty);
    else if (record.store !== null && !(await isIn(sink, record))) addOne(elsewhere, record.store);
    else gone.push(docId);
  }
  return { gone: gone.sort(), passedOver, elsewhere };
};

/** Says what is not removed, and why. */
export const sayPassedOver = ({ passedOver, elsewhere }: GoneDocuments, out: Terminal): void => {
  for (const [directory, count] of passedOver)
    out.say(
      `${directory}: the directory is empty and may not be mounted, so ${count} documents below it are kept; to ` +
        'remove them, remove the directory, or name them to "unsiloed-ingest delete"',
    );
  for (const [store, count] of elsewhere)
    out.say(`${store}: ${count} documents whose files are gone are kept there; name it to remove them`);
};

/** `--prune`: removes documents whose files are gone, after showing which. */
export const prune = async (
  named: readonly string[],
  sources: readonly DocumentSource[],
  root: string | undefined,
  session: Session,
  out: Terminal,
): Promise<void> => {
  const found = await findGone(named, sources, root, session);
  const { gone } = found;
  for (const docId of gone) out.say(`${docId}: its file is gone; it is removed from the store`);
  let points = 0;
  for (const docId of gone) points += (await forgetDocument(docId, session)).points;
  sayPassedOver(found, out);
  out.say(`pruned: ${gone.length} documents, ${points} points`);
};
