import { forgetDocument } from "../../ingest/forget.js";
import type { StoreChoice } from "../setup/choose-store.js";
import { loadEnvironment } from "../setup/environment.js";
import { withStore } from "../setup/session.js";
import { hasState, type StateOptions } from "../setup/state.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Command } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";

export interface DeleteCommandOptions extends StateOptions, StoreChoice {
  json?: boolean;
}

/** Runs `unsiloed-ingest delete`: removes documents from the store, the kept results and the ledger. */
export const runDelete: Command<DeleteCommandOptions> = (docIds, options, out) =>
  interruptible(out, async (signal) => {
    const deleted: { doc_id: string; points: number }[] = [];
    const unknown: string[] = [];
    await hasState(options);
    await withStore(options, loadEnvironment(), out, async ({ sink, ledger, results }) => {
      for (const docId of new Set(docIds)) {
        const { points, known } = await forgetDocument(docId, { sink, ledger, results, signal });
        if (known) deleted.push({ doc_id: docId, points });
        else unknown.push(docId);
      }
    });
    if (options.json) out.json({ deleted, unknown });
    else
      for (const { doc_id, points } of deleted) out.print(`${doc_id}: ${counted(points, "point")} deleted`);
    for (const docId of unknown)
      out.warn(`${docId}: no such document; "unsiloed-ingest status --all" lists all document ids`);
    return unknown.length > 0 ? EXIT.failed : EXIT.ok;
  });
