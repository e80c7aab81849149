import { type Command, Option } from "commander";
import { DIALECTS } from "../../parse-api/jobs/dialects.js";
import type { EmulatorCommandOptions } from "../commands/emulator.js";
import { portNumber } from "../setup/arguments.js";
import type { Terminal } from "../terminal/terminal.js";

export const addEmulator = (program: Command, out: Terminal): Command =>
  program
    .command("emulator")
    .description(
      "serve a local parse API that answers with saved results, to try the other commands without an account",
    )
    .option(
      "--results <dir>",
      "directory of saved results: lease.pdf is answered with lease.pdf.json or lease.json (default: the sample result for every file)",
    )
    .option("--port <n>", "port to listen on (default: a free one)", portNumber)
    .addOption(
      new Option(
        "--dialect <form>",
        `published form of the API to follow (default: ${DIALECTS.at(-1)})`,
      ).choices(DIALECTS),
    )
    .option(
      "--fault <phase=fault...>",
      "faults to inject, such as submit=queue_full or status=rate_limited:3, which strikes 3 times; :all strikes always",
    )
    .action(async (options: EmulatorCommandOptions) => {
      const { runEmulator } = await import("../commands/emulator.js");
      process.exitCode = await runEmulator(options, out);
    });
