import type { Command } from "commander";
import type { WorkCommandOptions } from "../commands/work.js";
import { leaseSeconds, listenAddress, wholeNumber } from "../setup/arguments.js";
import type { Terminal } from "../terminal/terminal.js";
import { runOptions } from "./shared-options.js";

export const addWork = (program: Command, out: Terminal): Command =>
  runOptions(
    program
      .command("work")
      .description(
        "ingest documents from the queue, beside workers on other machines, until it is interrupted",
      ),
  )
    .option("--until-empty", "end once no document waits in the queue")
    .option(
      "--grace <seconds>",
      "longest time to finish documents after SIGTERM or Ctrl-C; then the rest is given back (default: 25)",
      wholeNumber,
    )
    .option(
      "--lease <seconds>",
      "how long documents stay claimed by a worker that has ended, at least 5; after twice that others get them (default: 30)",
      leaseSeconds,
    )
    .option(
      "--health <address>",
      "PORT or HOST:PORT that answers /healthz, /readyz and /metrics (default: none)",
      listenAddress,
    )
    .action(async (options: WorkCommandOptions) => {
      const { runWork } = await import("../commands/work.js");
      process.exitCode = await runWork(options, out);
    });
