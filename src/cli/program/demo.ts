import type { Command } from "commander";
import type { DemoCommandOptions } from "../commands/demo.js";
import type { Terminal } from "../terminal/terminal.js";
import { jsonOption } from "./shared-options.js";

export const addDemo = (program: Command, out: Terminal): Command =>
  jsonOption(
    program
      .command("demo")
      .description(
        "ingest and query a sample report offline: no key, no server; needs the packages of LanceDB",
      ),
  ).action(async (options: DemoCommandOptions) => {
    const { runDemo } = await import("../commands/demo.js");
    process.exitCode = await runDemo(options, out);
  });
