import type { Command } from "commander";
import type { Terminal } from "../terminal/terminal.js";
import { questionOptions, stateOptions } from "./shared-options.js";

export const addDoctor = (program: Command, out: Terminal): Command =>
  stateOptions(
    questionOptions(
      program
        .command("doctor")
        .description("check what a run needs: key, service, store, model, state; writes and pays nothing"),
    ),
  ).action(async (_options: object, command: Command) => {
    const { runDoctor } = await import("../commands/doctor.js");
    process.exitCode = await runDoctor(command, program.getOptionValue("config"), out);
  });
