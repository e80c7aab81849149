import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { packageFile } from "../internal/installed.js";
import { addBulk } from "./program/bulk.js";
import { addConfigOptions } from "./program/config-options.js";
import { addDelete } from "./program/delete.js";
import { addDemo } from "./program/demo.js";
import { addDoctor } from "./program/doctor.js";
import { addEmulator } from "./program/emulator.js";
import { addEnqueue } from "./program/enqueue.js";
import { addEvaluate } from "./program/evaluate.js";
import { addHelp, HELP } from "./program/help.js";
import { addIngest } from "./program/ingest.js";
import { addInit } from "./program/init.js";
import { addInspect } from "./program/inspect.js";
import { addMigrate } from "./program/migrate.js";
import { addPlan } from "./program/plan.js";
import { addRepair } from "./program/repair.js";
import { addRetry } from "./program/retry.js";
import { addSearch } from "./program/search.js";
import { addStatus } from "./program/status.js";
import { addWork } from "./program/work.js";
import { LOG_FORMATS } from "./terminal/log-style.js";
import { openTerminal } from "./terminal/terminal.js";

const packageVersion = (): string => {
  const { version }: { version: string } = JSON.parse(readFileSync(packageFile("package.json"), "utf8"));
  return version;
};

/** The commands, in the order of `--help`. */
const COMMANDS = [
  addInit,
  addIngest,
  addPlan,
  addStatus,
  addRetry,
  addDelete,
  addRepair,
  addMigrate,
  addBulk,
  addEnqueue,
  addWork,
  addSearch,
  addInspect,
  addEvaluate,
  addDoctor,
  addDemo,
  addEmulator,
];

/**
 * Creates the command line. The code of a command is imported when the command runs, so that `--help` waits for no
 * database, model or client.
 */
export const createProgram = (out = openTerminal()): Command => {
  const program = new Command("unsiloed-ingest")
    .description(
      "Parses documents with Unsiloed, splits them by their structure and stores them for retrieval.",
    )
    .version(packageVersion(), "-V, --version", "print the version")
    .option("-q, --quiet", "show only the result and problems")
    .addOption(
      new Option(
        "--log <format>",
        "write the log on stderr as text or as one JSON object a line (default: text)",
      ).choices(LOG_FORMATS),
    )
    .configureOutput({ writeErr: (text) => out.log !== "json" && process.stderr.write(text) })
    .exitOverride()
    .showHelpAfterError("(add --help for the options)")
    .configureHelp(HELP);
  for (const add of COMMANDS) add(program, out);
  addHelp(program);
  return addConfigOptions(program, out);
};
