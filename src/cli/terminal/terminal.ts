import { styleText } from "node:util";
import type { ErrorCode } from "../../errors.js";
import { type LogStyle, logStyle, type OutputOptions } from "./log-style.js";
import { printable, withoutCredentials } from "./printable.js";
import { StatusLine } from "./status-line.js";

/** Where a command writes: its result on stdout, everything else on stderr. */
export interface Terminal {
  /** The command's result, for people. */
  print(text: string): void;
  /** The command's result, for programs: one JSON document. */
  json(value: unknown): void;
  /** Progress and notes, one line each; not shown with `--quiet`. */
  say(line: string): void;
  /** Problems, one line each; shown with `--quiet`, too. */
  warn(line: string): void;
  /** What ends the command; with `--json` it is also the document on stdout, if there is none yet. */
  fail(code: ErrorCode, message: string): void;
  /** The same for a wrong command line, which has been shown already. */
  refuse(message: string): void;
  /** One step of a run, which is logged with `--log json` only. */
  event(event: { type: string }): void;
  /** Shows a line that changes, on terminals that can; without parts it ends. */
  status(parts?: () => readonly string[]): void;
  /** How the log is written. */
  readonly log: LogStyle;
}

/** What a command does with the names and options it was given. @returns the exit code */
export type Command<Options> = (names: readonly string[], options: Options, out: Terminal) => Promise<number>;

/** A line that begins with what failed, in red where the terminal has colours and the user wants them. */
const inColor = (text: string, stream: NodeJS.WriteStream): string =>
  text.replace(/^(?:error|FAILED|STOPPED)\b/gm, (word) => styleText("red", word, { stream }));

/** Opens stdout and stderr as the options about output ask. */
export const openTerminal = (options: OutputOptions = {}): Terminal => {
  const { stdout, stderr, env } = process;
  const log = logStyle(options, stderr, env);
  const line = new StatusLine(stderr);
  let hasDocument = false;

  const write = (stream: NodeJS.WriteStream, text: string): void => {
    line.erase();
    stream.write(`${text}\n`);
  };
  const record = (type: string, fields: object): void => {
    const entry = { time: new Date().toISOString(), type, ...fields };
    const text = JSON.stringify(entry, (_, value) =>
      typeof value === "string" ? withoutCredentials(value) : value,
    );
    write(stderr, text);
  };
  const json = (value: unknown): void => {
    hasDocument = true;
    write(stdout, JSON.stringify(value));
  };
  const warn = (text: string): void =>
    log === "json" ? record("problem", { message: text }) : write(stderr, inColor(printable(text), stderr));

  const failed = (code: ErrorCode, message: string): void => {
    if (log === "json") record("error", { code, message });
    if (options.json && !hasDocument) json({ error: { code, message: withoutCredentials(message) } });
  };

  return {
    log,
    json,
    warn,
    print: (text) => write(stdout, inColor(printable(text), stdout)),
    say: (text) => {
      if (log === "json") record("note", { message: text });
      else if (log !== "quiet") write(stderr, printable(text));
    },
    fail: (code, message) => {
      if (log !== "json") warn(`error: ${code}: ${message}`);
      failed(code, message);
    },
    refuse: (message) => failed("INVALID_OPTION", message.replace(/^error: /, "")),
    event: ({ type, ...fields }) => {
      if (log === "json") record(type, fields);
    },
    status: (parts) => {
      if (log !== "live" || !parts) line.stop();
      else line.start(parts);
    },
  };
};
