import { InvalidArgumentError } from "commander";
import type { PolicyAction, SegmentPolicy } from "../../documents/policies.js";
import { normalizeSegmentType, SEGMENT_TYPES } from "../../documents/segment-type.js";
import { UnsiloedError } from "../../errors.js";
import { readHeaderLine } from "../../internal/http/header-line.js";
import { ON_DISK, type OnDisk } from "../../stores/store-entry.js";
import { KEEP_FORMS, readKeepResults } from "./keep-results.js";

// Each function reads one value of the command line.

const number = (text: string, expected: string, fits: (value: number) => boolean): number => {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!fits(value)) throw new InvalidArgumentError(`expected ${expected}, got "${text}"`);
  return value;
};

export const positiveInteger = (text: string): number =>
  number(text, "a whole number from 1", (value) => Number.isInteger(value) && value >= 1);

export const wholeNumber = (text: string): number =>
  number(text, "a whole number from 0", (value) => Number.isInteger(value) && value >= 0);

const MOST_PORT = 65_535;

export const portNumber = (text: string): number =>
  number(
    text,
    `a port from 0 to ${MOST_PORT}`,
    (value) => Number.isInteger(value) && value >= 0 && value <= MOST_PORT,
  );

/** Claims of a few seconds would be lost whenever a machine is busy. */
const LEAST_LEASE = 5;

export const leaseSeconds = (text: string): number =>
  number(
    text,
    `a whole number of seconds from ${LEAST_LEASE}`,
    (value) => Number.isInteger(value) && value >= LEAST_LEASE,
  );

export const fraction = (text: string): number =>
  number(text, "a number from 0 to 1", (value) => value >= 0 && value <= 1);

export const amount = (text: string): number => number(text, "an amount from 0", (value) => value >= 0);

/** Reads `9464`, `0.0.0.0:9464` or `[::1]:9464`. */
export const listenAddress = (text: string): { host?: string; port: number } => {
  const [, host, port = ""] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === "" || Number(port) > MOST_PORT)
    throw new InvalidArgumentError(`expected a port or HOST:PORT, such as 127.0.0.1:9464, got "${text}"`);
  return { ...(host !== undefined && { host: host.replace(/^\[(.*)\]$/, "$1") }), port: Number(port) };
};

/** Checks a value of `--keep-results`, which is read again where the results are opened. */
export const keepResults = (text: string): string => {
  if (readKeepResults(text)) return text;
  throw new InvalidArgumentError(`expected ${KEEP_FORMS}, got "${text}"`);
};

/** Collects the values of an option that may be given several times. */
export const repeated = (text: string, earlier: readonly string[] = []): string[] => [...earlier, text];

const isOnDisk = (part: string): part is OnDisk => ON_DISK.some((known) => known === part);

/** Reads `vectors,payload`. */
export const onDiskParts = (text: string): OnDisk[] =>
  text.split(",").map((written) => {
    const part = written.trim();
    if (isOnDisk(part)) return part;
    throw new InvalidArgumentError(
      `expected some of ${ON_DISK.join(", ")}, with commas between, got "${text}"`,
    );
  });

/** Collects headers such as `x-team: search`. A value may be a secret, so no message repeats it. */
export const header = (line: string, earlier: Record<string, string> = {}): Record<string, string> => {
  const read = readHeaderLine(line);
  if (!read)
    throw new UnsiloedError(
      "INVALID_OPTION",
      '--embedding-header: expected "NAME: VALUE", such as "x-team: search"',
    );
  return { ...earlier, [read[0]]: read[1] };
};

/** Reads `3` or `2-7`. */
export const numberRange = (text: string): { from: number; to: number } => {
  const [, from, to = from] = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(text) ?? [];
  if (from === undefined || to === undefined || Number(from) > Number(to)) {
    throw new InvalidArgumentError(`expected a number such as 3 or a range such as 2-7, got "${text}"`);
  }
  return { from: Number(from), to: Number(to) };
};

const parsedValue = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Signals that the options of `--parse` are to be listed in place of running the command. */
export class ParseHelpWanted extends Error {}

/** Collects the options of `--parse`. @throws ParseHelpWanted for `help` */
export const parseOption = (pair: string, earlier: Record<string, unknown> = {}): Record<string, unknown> => {
  if (pair === "help") throw new ParseHelpWanted();
  return keyValue(pair, earlier);
};

/** Collects `KEY=VALUE` pairs. A value that is valid JSON is taken as JSON, any other as text. */
const keyValue = (pair: string, earlier: Record<string, unknown> = {}): Record<string, unknown> => {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  if (key === undefined || value === undefined) {
    throw new InvalidArgumentError(`expected KEY=VALUE, such as merge_tables=true, or help, got "${pair}"`);
  }
  return { ...earlier, [key]: parsedValue(value) };
};

/** Policies by segment type, as `--policy` collects them. */
export type PolicyArguments = Record<string, Partial<SegmentPolicy>>;

// Listed here too, so that `--help` does not load the schema of policies and its library.
const ACTIONS: readonly PolicyAction[] = ["keep", "drop", "flag"];

const FORM = "expected TYPE=ACTION@CONFIDENCE, such as Picture=drop@0.5, *=flag@0.3 or Table=drop@unknown";

/**
 * Collects policies. `Picture=drop@0.5` drops pictures below that confidence, `Picture=flag@unknown` flags those
 * without one, and `*` stands for all types that have no policy.
 */
export const policy = (text: string, earlier: PolicyArguments = {}): PolicyArguments => {
  const [, type, named, bound = ""] = /^([^=@]+)=([a-z]+)@(.+)$/.exec(text.trim()) ?? [];
  const action = ACTIONS.find((known) => known === named);
  if (type === undefined) throw new InvalidArgumentError(`${FORM}, got "${text}"`);
  const isKnown = type === "*" || SEGMENT_TYPES.some((known) => known === normalizeSegmentType(type));
  if (!isKnown) throw new InvalidArgumentError(`expected * or ${SEGMENT_TYPES.join(", ")}, got "${type}"`);
  if (!action) throw new InvalidArgumentError(`expected ${ACTIONS.join(", ")}, got "${named}"`);
  const own = earlier[type] ?? {};
  const part: Partial<SegmentPolicy> =
    bound === "unknown" ? { unknown: action } : { minConfidence: fraction(bound), below: action };
  const twice = Object.keys(part).some((key) => key in own);
  if (twice) throw new InvalidArgumentError(`"${text}" contradicts an earlier --policy for ${type}`);
  return { ...earlier, [type]: { ...own, ...part } };
};
