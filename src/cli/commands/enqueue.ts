import { existsSync } from "node:fs";
import { enqueueSources } from "../../distributed/enqueue.js";
import { describeSource } from "../../distributed/queued-source.js";
import type { DocumentSource } from "../../documents/source.js";
import { type ErrorCode, UnsiloedError } from "../../errors.js";
import { chooseStore } from "../setup/choose-store.js";
import { loadEnvironment } from "../setup/environment.js";
import { shapingOf } from "../setup/session.js";
import { findSources, type NamedSource, oneByOne } from "../setup/sources/choose-sources.js";
import { formatSkipped, sayUnmatched } from "../setup/sources/skipped.js";
import { openState, sharedOf } from "../setup/state.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Command } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";
import { type IngestCommandOptions, searchSettings } from "./ingest.js";

/** What is wrong with a name, not with a document: a worker would only fail later, on another machine. */
const OF_NAMES: readonly ErrorCode[] = ["FILE_NOT_FOUND", "SERVICE_UNAVAILABLE"];

/** Fails for a name that stands for nothing, or that could not be looked for. */
const assertExists = async (source: DocumentSource): Promise<void> => {
  // A file that is there is not read: its worker does that.
  if (source.file !== undefined && existsSync(source.file)) return;
  await source.identify?.().catch((thrown: unknown) => {
    if (thrown instanceof UnsiloedError && OF_NAMES.includes(thrown.code)) throw thrown;
  });
};

/** Yields sources that exist, and remembers the names that led to them for as long as they are in use. */
async function* existing(
  found: AsyncIterable<NamedSource>,
  names: WeakMap<DocumentSource, string>,
): AsyncGenerator<DocumentSource> {
  for await (const { name, source } of found) {
    await assertExists(source);
    names.set(source, name);
    yield source;
  }
}

/** Runs `unsiloed-ingest enqueue`: adds what is new or has changed to the queue of the workers. */
export const runEnqueue: Command<IngestCommandOptions> = (named, options, out) =>
  interruptible(out, async (signal) => {
    const environment = loadEnvironment();
    const opened = await openState(options, environment, out);
    const sink = await chooseStore({ ...options, readOnly: true }, environment);
    try {
      const state = await sharedOf(opened);
      const settings = searchSettings(options, out);
      const { listed, streams } = await findSources(named, { ...settings, offline: true });
      for (const { source } of listed) await assertExists(source);
      const names = new WeakMap<DocumentSource, string>();
      const sources = existing(oneByOne([listed, ...streams]), names);
      const { enqueued, alreadyQueued, unchanged } = await enqueueSources(sources, {
        ...shapingOf(options),
        state,
        sink,
        refresh: options.refresh,
        verify: options.verify,
        describe: (source) => describeSource(source, names.get(source) ?? source.source, settings.parse),
        signal,
      });
      sayUnmatched(settings.skipped, out);
      const { skipped } = settings;
      if (options.json) out.json({ enqueued, already_queued: alreadyQueued, unchanged, skipped });
      else {
        const others = [
          ...(alreadyQueued > 0 ? [`${alreadyQueued} in the queue already`] : []),
          ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
        ];
        out.print([`enqueued: ${counted(enqueued, "document")}`, ...others].join("; "));
        for (const line of formatSkipped(skipped)) out.print(line);
      }
      return EXIT.ok;
    } finally {
      await Promise.all([sink.close(), opened.close()]);
    }
  });
