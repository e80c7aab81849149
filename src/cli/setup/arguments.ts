import { InvalidArgumentError } from "commander";

const number = (text: string, expected: string, fits: (value: number) => boolean): number => {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!fits(value)) throw new InvalidArgumentError(`expected ${expected}, got "${text}"`);
  return value;
};

export const positiveInteger = (text: string): number =>
  number(text, "a whole number from 1", (value) => Number.isInteger(value) && value >= 1);

export const wholeNumber = (text: string): number =>
  number(text, "a whole number from 0", (value) => Number.isInteger(value) && value >= 0);

export const fraction = (text: string): number =>
  number(text, "a number from 0 to 1", (value) => value >= 0 && value <= 1);

export const amount = (text: string): number => number(text, "an amount from 0", (value) => value >= 0);

/** `3` or `2-7`. */
export const pageRange = (text: string): { from: number; to: number } => {
  const [, from, to = from] = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(text) ?? [];
  if (from === undefined || to === undefined || Number(from) > Number(to)) {
    throw new InvalidArgumentError(`expected a page such as 3 or a range such as 2-7, got "${text}"`);
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

/** Collects `KEY=VALUE` pairs; a value that is JSON counts as JSON, any other as text. */
export const keyValue = (pair: string, earlier: Record<string, unknown> = {}): Record<string, unknown> => {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  if (key === undefined || value === undefined) {
    throw new InvalidArgumentError(`expected KEY=VALUE, such as merge_tables=true, got "${pair}"`);
  }
  return { ...earlier, [key]: parsedValue(value) };
};
