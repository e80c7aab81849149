import { UnsiloedError } from "../../errors.js";
import { forgetDocument } from "../../ingest/forget.js";
import type { StoreChoice } from "../setup/choose-store.js";
import { loadEnvironment } from "../setup/environment.js";
import { withStore } from "../setup/session.js";
import { findDocuments, type NamedDocuments } from "../setup/sources/find-documents.js";
import { hasState, type StateOptions, whereQueued } from "../setup/state.js";
import { canAsk, confirm } from "../terminal/confirm.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Command, Terminal } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";

export interface DeleteCommandOptions extends StateOptions, StoreChoice {
  root?: string;
  yes?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/** Shows what is to be deleted and asks, where somebody can answer. @returns whether to delete */
const isWanted = async (
  { docIds, count, isByPattern }: NamedDocuments,
  { yes }: DeleteCommandOptions,
  out: Terminal,
  signal: AbortSignal,
): Promise<boolean> => {
  if (yes || count === 0) return true;
  if (canAsk()) {
    for await (const docId of docIds()) out.warn(`to be deleted: ${docId}`);
    return confirm(`Delete ${counted(count, "document")}?`, signal);
  }
  if (!isByPattern) return true;
  throw new UnsiloedError(
    "INVALID_OPTION",
    `--yes: needed to delete the ${counted(count, "document")} of directories and globs where nobody can be asked`,
  );
};

/** Runs `unsiloed-ingest delete`: removes documents from the store, the kept results and the ledger. */
export const runDelete: Command<DeleteCommandOptions> = (names, options, out) =>
  interruptible(out, async (signal) => {
    const deleted: { doc_id: string; points: number }[] = [];
    await hasState(options);
    return withStore(options, loadEnvironment(), out, async ({ sink, ledger, results, shared }) => {
      const found = await findDocuments(names, options.root ?? process.cwd(), ledger);
      const unknown = [...found.empty];
      if (options.dryRun) {
        const toDelete: string[] = [];
        for await (const docId of found.docIds())
          if (options.json) toDelete.push(docId);
          else out.print(`${docId}: would be deleted`);
        if (options.json) out.json({ to_delete: toDelete, unknown });
      } else if (await isWanted(found, options, out, signal)) {
        for await (const docId of found.docIds()) {
          // First, so that no worker takes it in between.
          if (shared) await whereQueued(() => shared.queue.forget([docId]));
          const { points, known } = await forgetDocument(docId, { sink, ledger, results, signal });
          if (!known) unknown.push(docId);
          else if (options.json) deleted.push({ doc_id: docId, points });
          else out.print(`${docId}: ${counted(points, "point")} deleted`);
        }
        if (options.json) out.json({ deleted, unknown });
      } else {
        out.say("nothing was deleted");
        if (options.json) out.json({ deleted, unknown });
      }
      for (const name of unknown)
        out.warn(`${name}: no such document; "unsiloed-ingest status --all" lists all document ids`);
      return unknown.length > 0 ? EXIT.failed : EXIT.ok;
    });
  });
