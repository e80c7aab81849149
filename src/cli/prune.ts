import { stat } from "node:fs/promises";
import path from "node:path";
import { fileDocId } from "../documents/identity.js";
import type { DocumentSource } from "../documents/source.js";
import { forgetDocument } from "../ingest/forget.js";
import type { Session } from "./session.js";
import type { Terminal } from "./terminal.js";

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

/**
 * Documents that the ledger knows below the directories that were named, and whose files are gone. A directory in
 * which nothing was found is passed over: it may be one that is not mounted.
 */
export const findGone = async (
  named: readonly string[],
  sources: readonly DocumentSource[],
  root: string | undefined,
  { ledger }: Pick<Session, "ledger">,
): Promise<string[]> => {
  const base = path.resolve(root ?? process.cwd());
  const present = new Set(sources.map(({ docId }) => docId));
  const folders: string[] = [];
  for (const name of named) {
    if (!(await isDirectory(name))) continue;
    const folder = `${fileDocId(path.resolve(name), base)}/`.replace(/^\/$/, "");
    if ([...present].some((docId) => docId.startsWith(folder))) folders.push(folder);
  }
  const gone: string[] = [];
  for await (const { docId, record } of ledger.list()) {
    if (!record || present.has(docId) || !folders.some((folder) => docId.startsWith(folder))) continue;
    // Of a web address, a job, or a name given by hand or below another root, no file can be missed.
    const file = path.resolve(base, docId);
    if (record.parse_hash === null || record.content_hash === null || path.resolve(record.source) !== file)
      continue;
    if (!(await exists(file))) gone.push(docId);
  }
  return gone.sort();
};

/** `--prune`: removes documents whose files are gone, after showing which. */
export const prune = async (
  named: readonly string[],
  sources: readonly DocumentSource[],
  root: string | undefined,
  session: Session,
  out: Terminal,
): Promise<void> => {
  const gone = await findGone(named, sources, root, session);
  for (const docId of gone) out.say(`${docId}: its file is gone; it is removed from the store`);
  let points = 0;
  for (const docId of gone) points += (await forgetDocument(docId, session)).points;
  out.say(`pruned: ${gone.length} documents, ${points} points`);
};
