import type { Selector } from "./request-schemas.js";

export type Payload = Record<string, unknown>;

const isObject = (value: unknown): value is Payload =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Splits a payload key: `metadata.boxes[].page_number` → `metadata`, `boxes[]`, `page_number`. */
const steps = (key: string): string[] => key.split(".");

const valuesAt = (value: unknown, path: readonly string[]): unknown[] => {
  const [step, ...rest] = path;
  if (step === undefined) return Array.isArray(value) ? value : value === undefined ? [] : [value];
  if (!isObject(value)) return [];
  if (!step.endsWith("[]")) return valuesAt(value[step], rest);
  const items = value[step.slice(0, -2)];
  return Array.isArray(items) ? items.flatMap((item) => valuesAt(item, rest)) : [];
};

/** Returns every value at a key; an array at the end of the path gives its elements. */
export const valuesOf = (payload: Payload, key: string): unknown[] => valuesAt(payload, steps(key));

const pick = (payload: Payload, paths: readonly (readonly string[])[]): Payload =>
  Object.fromEntries(
    Object.entries(payload).flatMap(([name, value]) => {
      const rests = paths.filter(([first]) => first === name).map((path) => path.slice(1));
      if (rests.length === 0) return [];
      if (rests.some((rest) => rest.length === 0)) return [[name, value]];
      return isObject(value) ? [[name, pick(value, rests)]] : [];
    }),
  );

const drop = (payload: Payload, paths: readonly (readonly string[])[]): Payload =>
  Object.fromEntries(
    Object.entries(payload).flatMap(([name, value]) => {
      const rests = paths.filter(([first]) => first === name).map((path) => path.slice(1));
      if (rests.some((rest) => rest.length === 0)) return [];
      return [[name, isObject(value) ? drop(value, rests) : value]];
    }),
  );

/** Returns the requested part of a payload; `undefined` when none was requested. */
export const selectPayload = (
  payload: Payload,
  selector: Selector,
  byDefault: boolean,
): Payload | undefined => {
  const wanted = selector ?? byDefault;
  if (typeof wanted === "boolean") return wanted ? payload : undefined;
  if (Array.isArray(wanted)) return pick(payload, wanted.map(steps));
  return "include" in wanted
    ? pick(payload, wanted.include.map(steps))
    : drop(payload, wanted.exclude.map(steps));
};
