import { stripVTControlCharacters } from "node:util";

/** Where a command writes: its result on stdout, everything else on stderr. */
export interface Terminal {
  /** The command's result, for people. */
  print(text: string): void;
  /** The command's result, for programs: one JSON document. */
  json(value: unknown): void;
  /** Progress and problems, one line each. */
  say(line: string): void;
}

/** What a command does with the names and options it was given. @returns the exit code */
export type Command<Options> = (names: readonly string[], options: Options, out: Terminal) => Promise<number>;

/** Credentials in the query of a web address. Programs see them, since they are part of the document's id. */
const CREDENTIAL =
  /([?&](?:[\w.-]*(?:token|secret|password|signature|api[-_]?key|access[-_]?key)|auth|key|pwd|sig)=)[^&#\s"'\])]+/gi;

/** Control characters in names and in the text of documents must not steer the terminal. */
const printable = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/\p{Cc}/gu, (control) => (/[\n\t]/.test(control) ? control : ""))
    .replace(CREDENTIAL, "$1[secret]");

export const terminal: Terminal = {
  print: (text) => void process.stdout.write(`${printable(text)}\n`),
  json: (value) => void process.stdout.write(`${JSON.stringify(value)}\n`),
  say: (line) => void process.stderr.write(`${printable(line)}\n`),
};
