import { closestMatch } from "leven";
import type { z } from "zod";
import { UnsiloedError } from "../errors.js";
import { propertyOf } from "./objects.js";

/** Shows a value with its type. Objects of a class are named only: they may hold secrets. */
export const showValue = (value: unknown): string => {
  if (value === undefined) return "nothing";
  const name = classNameOf(value);
  if (name !== undefined) return `a ${name}`;
  const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  if (type === "function" || type === "symbol" || type === "bigint") return `a ${type}`;
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return `${text.length > 60 ? `${text.slice(0, 57)}…` : text} (${type})`;
};

const classNameOf = (value: unknown): string | undefined => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const made = value.constructor;
  return made === Object || typeof made !== "function" ? undefined : made.name;
};

const expected = (issue: z.core.$ZodIssue): string => {
  const value = typeof issue === "object" && "origin" in issue ? String(issue.origin) : "value";
  switch (issue.code) {
    case "invalid_type":
      return `expected ${issue.expected}`;
    case "too_small":
      return `expected a ${value} ${issue.inclusive === false ? ">" : "≥"} ${issue.minimum}`;
    case "too_big":
      return `expected a ${value} ${issue.inclusive === false ? "<" : "≤"} ${issue.maximum}`;
    case "invalid_value":
      return `expected ${issue.values.map((allowed) => JSON.stringify(allowed)).join(" or ")}`;
    case "unrecognized_keys":
      // A schema may know what was meant; the library's own message is no help.
      if (!issue.message.startsWith("Unrecognized")) return issue.message;
      return `unknown ${issue.keys.length > 1 ? "options" : "option"} ${issue.keys.join(", ")}`;
    default:
      return issue.message;
  }
};

/** A path as code would write it: `chunks[3].segments[1].page_number`. */
export const formatPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === "number" ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key),
    "",
  );

const at = (input: unknown, path: readonly PropertyKey[]): unknown => path.reduce<unknown>(propertyOf, input);

/** The issue to report: an unknown option first, as it is often the misspelt name of one that is missing. */
const firstIssue = ({ issues }: z.ZodError): z.core.$ZodIssue | undefined =>
  issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];

/**
 * One line for the first thing that is wrong: where, what was expected, what came.
 *
 * @param secrets options whose values are not shown
 */
export const describeIssue = (error: z.ZodError, input: unknown, secrets: readonly string[] = []): string => {
  const issue = firstIssue(error);
  if (!issue) return error.message;
  const path = formatPath(issue.path);
  const line = expected(issue);
  const isHidden = issue.code === "unrecognized_keys" || secrets.some((name) => name === issue.path[0]);
  const got = isHidden ? "" : `, got ${showValue(at(input, issue.path))}`;
  return `${path ? `${path}: ` : ""}${line}${got}`;
};

/** Letters by which a misspelt option may differ from a known one. */
const MISSPELT = 3;

/** Returns the names of the options at a path of a schema. */
const optionsAt = (schema: unknown, path: readonly PropertyKey[]): string[] => {
  const shape = propertyOf(schema, "shape");
  if (shape === undefined) {
    const definition = propertyOf(schema, "def");
    const inner = propertyOf(definition, "innerType") ?? propertyOf(definition, "in");
    return inner === undefined ? [] : optionsAt(inner, path);
  }
  const [key, ...rest] = path;
  return key === undefined ? Object.keys(Object(shape)) : optionsAt(propertyOf(shape, key), rest);
};

/** Names the options that were probably meant. */
const meant = (error: z.ZodError, schema: z.ZodType): string => {
  const issue = firstIssue(error);
  if (issue?.code !== "unrecognized_keys" || !issue.message.startsWith("Unrecognized")) return "";
  const known = optionsAt(schema, issue.path);
  const nearest = issue.keys.flatMap((key) => closestMatch(key, known, { maxDistance: MISSPELT }) ?? []);
  return nearest.length > 0 ? `; did you mean ${nearest.join(", ")}?` : "";
};

/**
 * Fills in defaults and checks what the caller gave, once, at the boundary.
 *
 * @param where what the options are for, put before the message
 * @param secrets options whose values the message must not show
 * @throws UnsiloedError `INVALID_OPTION`, such as `chunkSize: expected a number ≥ 16, got "5s" (string)`
 */
export const parseOptions = <S extends z.ZodType>(
  schema: S,
  input: unknown,
  where: string,
  secrets: readonly string[] = [],
): z.output<S> => {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new UnsiloedError(
    "INVALID_OPTION",
    `${where}: ${describeIssue(parsed.error, input, secrets)}${meant(parsed.error, schema)}`,
  );
};
