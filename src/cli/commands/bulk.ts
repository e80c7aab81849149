import { UnsiloedError } from "../../errors.js";
import { propertyOf } from "../../internal/objects.js";
import { chooseStore, type StoreChoice } from "../setup/choose-store.js";
import { loadEnvironment } from "../setup/environment.js";
import { EXIT } from "../terminal/exit.js";
import type { Terminal } from "../terminal/terminal.js";

export interface BulkCommandOptions extends StoreChoice {
  json?: boolean;
}

export type BulkAction = "begin" | "end";

const DONE: Readonly<Record<BulkAction, string>> = {
  begin: 'defers the indexing of vectors until "unsiloed-ingest bulk end"; searches work, more slowly',
  end: "indexes the vectors now; status shows when that is done",
};

/** What to do where there is no collection yet: only the embeddings of a first document say what it is to hold. */
const MISSING: Readonly<Record<BulkAction, string>> = {
  begin:
    "the collection does not exist yet, and is created by the first document: ingest one, or have one worker do so, " +
    'then run "unsiloed-ingest bulk begin" again; check --collection if there should be one',
  end: "the collection does not exist, so that no indexing is deferred; check --collection if there should be one",
};

/** Runs `unsiloed-ingest bulk`: defers the indexing of vectors while any number of runs load, or has it done. */
export const runBulk = async (
  action: BulkAction,
  options: BulkCommandOptions,
  out: Terminal,
): Promise<number> => {
  const { bulk: _bulk, ...choice } = options;
  const sink = await chooseStore({ ...choice, readOnly: true }, loadEnvironment());
  try {
    const { description, deferIndexing, resumeIndexing } = sink;
    const work = action === "begin" ? deferIndexing : resumeIndexing;
    if (!work)
      throw new UnsiloedError(
        "INVALID_OPTION",
        `--store: expected a store that can defer indexing (qdrant), got ${description}`,
      );
    await work.call(sink).catch((thrown: unknown) => {
      if (propertyOf(thrown, "code") !== "COLLECTION_NOT_FOUND") throw thrown;
      throw new UnsiloedError("COLLECTION_NOT_FOUND", `${description}: ${MISSING[action]}`, {
        cause: thrown,
      });
    });
    if (options.json) out.json({ store: description, indexing: action === "begin" ? "deferred" : "resumed" });
    else out.print(`${description} ${DONE[action]}`);
    return EXIT.ok;
  } finally {
    await sink.close();
  }
};
