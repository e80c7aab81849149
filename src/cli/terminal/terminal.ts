import { stripVTControlCharacters } from "node:util";

/** Where a command writes: its result on stdout, everything else on stderr. */
export interface Terminal {
  /** The command's result, for people. */
  print(text: string): void;
  /** The command's result, for programs: one JSON document. */
  json(value: unknown): void;
  /** What happens meanwhile, a line each. */
  say(line: string): void;
}

/** What a web address may carry to be let in. It is part of the document's id, and so of what programs are told. */
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
