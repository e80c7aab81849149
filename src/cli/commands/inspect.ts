import { UnsiloedError } from "../../errors.js";
import { recordOf } from "../../inspect/data/describe.js";
import { exportDocument } from "../../inspect/export/write-page.js";
import type { Inspected } from "../../inspect/options.js";
import { startInspector } from "../../inspect/server.js";
import { isDatabase, nameOfDatabase } from "../../internal/postgres/address.js";
import { chooseForCollection, type EmbeddingsOptions } from "../setup/choose-embeddings.js";
import type { StoreChoice } from "../setup/choose-store.js";
import { loadEnvironment } from "../setup/environment.js";
import { resultReader } from "../setup/result-reader.js";
import { withStore } from "../setup/session.js";
import { DEFAULT_STATE, hasState, type StateOptions } from "../setup/state.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible, untilInterrupted } from "../terminal/interrupt.js";
import { openInBrowser } from "../terminal/open-in-browser.js";
import { withoutCredentials } from "../terminal/printable.js";
import type { Terminal } from "../terminal/terminal.js";

export interface InspectCommandOptions
  extends Pick<StateOptions, "state" | "keepResults">,
    Pick<StoreChoice, "store" | "collection">,
    EmbeddingsOptions {
  port?: number;
  open?: boolean;
  export?: string;
  texts?: boolean;
  json?: boolean;
}

/** The options that make `search` ask the same store. */
const storeArgumentsOf = ({ store, collection, embeddings }: InspectCommandOptions): string[] =>
  Object.entries({ store, collection, embeddings }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, withoutCredentials(value)],
  );

/** Serves the page until it is interrupted. */
const serve = async (
  inspected: Inspected,
  doc: string | undefined,
  { port, open, json }: InspectCommandOptions,
  out: Terminal,
  signal: AbortSignal,
): Promise<void> => {
  const inspector = await startInspector(inspected, port);
  const url =
    doc === undefined ? inspector.url : `${inspector.url}#/document?${new URLSearchParams({ doc })}`;
  try {
    if (json) out.json({ url });
    else out.print(url);
    out.say("who has this address can read the documents; press Ctrl-C to stop");
    if (open !== false && !json) openInBrowser(url);
    await untilInterrupted(signal);
  } finally {
    await inspector.close();
  }
};

/** Writes the page of one document. */
const write = async (
  inspected: Inspected,
  doc: string | undefined,
  directory: string,
  { texts, json }: InspectCommandOptions,
  out: Terminal,
): Promise<void> => {
  if (doc === undefined)
    throw new UnsiloedError(
      "INVALID_OPTION",
      '--export: expected the document to export, such as inspect --export DIR DOC; "unsiloed-ingest status --all" lists them',
    );
  const written = await exportDocument(inspected, doc, directory, { texts });
  if (written.problem !== null) out.warn(`nothing of the store is in the page: ${written.problem}`);
  if (json) out.json(written);
  else out.print(`${written.file} (${(written.bytes / 1e6).toFixed(1)} MB)`);
  if (texts !== false) out.say("it holds the texts of the document; --no-texts leaves them out");
};

/**
 * Runs `unsiloed-ingest inspect`: serves the page until it is interrupted, which is how it ends, or writes the page of
 * one document.
 */
export const runInspect = (
  doc: string | undefined,
  options: InspectCommandOptions,
  out: Terminal,
): Promise<number> =>
  interruptible(out, async (signal) => {
    if (options.texts === false && options.export === undefined)
      throw new UnsiloedError(
        "INVALID_OPTION",
        "--no-texts: expected together with --export; a served page has all texts",
      );
    if (options.export !== undefined && (options.port !== undefined || options.open === false))
      throw new UnsiloedError(
        "INVALID_OPTION",
        "--export: expected without --port and --no-open, since it serves no page",
      );
    if (!(await hasState(options)))
      throw new UnsiloedError(
        "INVALID_OPTION",
        `--state: expected the directory of an earlier run, but there is no ${DEFAULT_STATE} here; run "unsiloed-ingest ingest" first, or name one`,
      );
    const environment = loadEnvironment();
    const { state = DEFAULT_STATE } = options;
    return withStore({ ...options, readOnly: true }, environment, out, async ({ ledger, results, sink }) => {
      const inspected: Inspected = {
        ledger,
        sink,
        state: isDatabase(state) ? nameOfDatabase(state) : state,
        ...resultReader(results),
        storeArguments: storeArgumentsOf(options),
        openEmbeddings: (spec) => chooseForCollection(options, spec, environment),
      };
      if (doc !== undefined) await recordOf(inspected, doc);
      if (options.export === undefined) await serve(inspected, doc, options, out, signal);
      else await write(inspected, doc, options.export, options, out);
      return EXIT.ok;
    });
  });
