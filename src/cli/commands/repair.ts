import { repairLedger } from "../../ingest/repair.js";
import { setAsideDamaged } from "../../internal/lmdb/integrity-check.js";
import { chooseStore } from "../setup/choose-store.js";
import { loadEnvironment } from "../setup/environment.js";
import { openState } from "../setup/state.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Terminal } from "../terminal/terminal.js";
import type { DeleteCommandOptions } from "./delete.js";

/** `unsiloed-ingest repair`: a lost ledger, anew from the store and the kept results. */
export const runRepair = (options: DeleteCommandOptions, out: Terminal): Promise<number> =>
  interruptible(out, async (signal) => {
    const environment = loadEnvironment();
    const { ledger, ledgerDirectory, results } = openState(options, environment, out);
    const sink = await chooseStore(options, environment);
    try {
      await sink.open({ signal });
      const aside = await setAsideDamaged(ledgerDirectory);
      if (aside !== undefined)
        out.say(`the ledger is damaged, and is begun anew; the damaged one is ${aside}`);
      const report = await repairLedger({ sink, ledger, results, signal });
      if (options.json) out.json(report);
      else {
        out.print(`written as stored: ${report.stored.length} documents`);
        out.print(`to be gone on with: ${report.unfinished.length} documents`);
        out.print(`left as they are:  ${report.left.length} documents`);
        for (const docId of report.unfinished) out.print(`UNFINISHED ${docId}: ingest it again`);
      }
    } finally {
      await Promise.all([sink.close(), ledger.close()]);
    }
    return EXIT.ok;
  });
