import { existsSync } from "node:fs";
import { describeSource } from "../../distributed/queued-source.js";
import { batches } from "../../internal/batching.js";
import { loadEnvironment } from "../setup/environment.js";
import { chooseNamedSources, type NamedSource } from "../setup/sources/choose-sources.js";
import { openQueue } from "../setup/sources/queued-sources.js";
import { formatSkipped, sayUnmatched } from "../setup/sources/skipped.js";
import { openState } from "../setup/state.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Command } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";
import { type IngestCommandOptions, searchSettings } from "./ingest.js";

/** Documents that are added in one transaction. */
const BATCH = 1000;

/** Fails for a name that stands for nothing: a worker would only fail later, on another machine. */
const assertExists = async ({ name, source }: NamedSource): Promise<void> => {
  if (/^(?:https?|job|result):/i.test(name)) return;
  // A file that is there is not read: its worker does that.
  if (source.file === undefined || !existsSync(source.file)) await source.identify?.();
};

/** Runs `unsiloed-ingest enqueue`: adds documents to the queue of the workers. Adding them again does nothing. */
export const runEnqueue: Command<IngestCommandOptions> = (named, options, out) =>
  interruptible(out, async (signal) => {
    const state = await openState({ ...options, readOnly: true }, loadEnvironment(), out);
    const queue = openQueue(state.database, false);
    try {
      const settings = searchSettings(options, out);
      const sources = await chooseNamedSources(named, { ...settings, offline: true });
      sayUnmatched(settings.skipped, out);
      for (const source of sources) await assertExists(source);
      let added = 0;
      for (const batch of batches(sources, { maxCount: BATCH })) {
        signal.throwIfAborted();
        added += await queue.enqueue(
          batch.map(({ source, name }) => describeSource(source, name, settings.parse)),
        );
      }
      const already = sources.length - added;
      if (options.json) out.json({ enqueued: added, already_queued: already, skipped: settings.skipped });
      else {
        out.print(
          `enqueued: ${counted(added, "document")}${already > 0 ? `; ${already} in the queue already` : ""}`,
        );
        for (const line of formatSkipped(settings.skipped)) out.print(line);
      }
      return EXIT.ok;
    } finally {
      await queue.close();
      await state.close();
    }
  });
