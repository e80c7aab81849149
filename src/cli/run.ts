import { CommanderError } from "commander";
import { messageOf, UnsiloedError } from "../errors.js";
import { createProgram } from "./program.js";
import { ParseHelpWanted } from "./setup/arguments.js";
import { EXIT, exitCodeOfError } from "./terminal/exit.js";
import { outputOptionsOf } from "./terminal/log-style.js";
import { surviveLostReaders } from "./terminal/streams.js";
import { openTerminal } from "./terminal/terminal.js";
import { withOptionNames } from "./terminal/wording.js";

surviveLostReaders();
// "doctor" says what becomes of an older Node; the SDK of S3 would say it in every command.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
const out = openTerminal(outputOptionsOf(process.argv.slice(2)));
try {
  await createProgram(out).parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (process.exitCode !== EXIT.ok) out.refuse(thrown.message);
  } else if (thrown instanceof ParseHelpWanted) {
    const { parseHelp } = await import("./setup/parse-help.js");
    out.print(parseHelp());
  } else {
    const code = thrown instanceof UnsiloedError ? thrown.code : "UNEXPECTED";
    out.fail(code, withOptionNames(messageOf(thrown)));
    process.exitCode = exitCodeOfError(thrown);
  }
}
