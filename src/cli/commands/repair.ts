import { repairLedger } from "../../ingest/repair.js";
import { setAsideDamaged } from "../../internal/lmdb/integrity-check.js";
import type { StoreChoice } from "../setup/choose-store.js";
import { loadEnvironment } from "../setup/environment.js";
import { withStore } from "../setup/session.js";
import type { StateOptions } from "../setup/state.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Terminal } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";

export interface RepairCommandOptions extends StateOptions, StoreChoice {
  json?: boolean;
}

/** Runs `unsiloed-ingest repair`: rebuilds a lost ledger from the store and the kept results. */
export const runRepair = (options: RepairCommandOptions, out: Terminal): Promise<number> =>
  interruptible(out, async (signal) => {
    await withStore(
      options,
      loadEnvironment(),
      out,
      async ({ database, ledgerDirectory, sink, ledger, results }) => {
        await sink.open({ signal });
        const aside = database ? undefined : await setAsideDamaged(ledgerDirectory);
        if (aside !== undefined)
          out.warn(`the ledger is damaged: writing a new one; the damaged one was moved to ${aside}`);
        const report = await repairLedger({ sink, ledger, results, signal });
        if (options.json) out.json(report);
        else {
          out.print(`stored:     ${counted(report.stored.length, "document")}`);
          out.print(`unfinished: ${counted(report.unfinished.length, "document")}`);
          out.print(`unchanged:  ${counted(report.left.length, "document")}`);
          for (const docId of report.unfinished) out.print(`UNFINISHED ${docId}: ingest it again`);
        }
      },
    );
    return EXIT.ok;
  });
