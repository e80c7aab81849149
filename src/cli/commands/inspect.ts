import { UnsiloedError } from "../../errors.js";
import { startInspector } from "../../inspect/server.js";
import { isPostgresAddress, nameOfDatabase } from "../../internal/postgres/address.js";
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
  json?: boolean;
}

/** The options that make `search` ask the same store. */
const storeArgumentsOf = ({ store, collection, embeddings }: InspectCommandOptions): string[] =>
  Object.entries({ store, collection, embeddings }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, withoutCredentials(value)],
  );

/** Runs `unsiloed-ingest inspect`: serves the page until it is interrupted, which is how it ends. */
export const runInspect = (options: InspectCommandOptions, out: Terminal): Promise<number> =>
  interruptible(out, async (signal) => {
    if (!(await hasState(options)))
      throw new UnsiloedError(
        "INVALID_OPTION",
        `--state: expected the directory of an earlier run, but there is no ${DEFAULT_STATE} here; run "unsiloed-ingest ingest" first, or name one`,
      );
    const environment = loadEnvironment();
    const { state = DEFAULT_STATE, port } = options;
    return withStore({ ...options, readOnly: true }, environment, out, async ({ ledger, results, sink }) => {
      const inspector = await startInspector(
        {
          ledger,
          sink,
          state: isPostgresAddress(state) ? nameOfDatabase(state) : state,
          ...resultReader(results),
          storeArguments: storeArgumentsOf(options),
          openEmbeddings: (spec) => chooseForCollection(options, spec, environment),
        },
        port,
      );
      try {
        if (options.json) out.json({ url: inspector.url });
        else out.print(inspector.url);
        out.say("anyone on this machine who has this address can read the documents; press Ctrl-C to stop");
        if (options.open !== false && !options.json) openInBrowser(inspector.url);
        await untilInterrupted(signal);
      } finally {
        await inspector.close();
      }
      return EXIT.ok;
    });
  });
