import { z } from "zod";
import { isWorkbookOption, RENAMED_OPTIONS } from "../../parse-api/jobs/request-fields.js";
import { parseRequestSchema } from "../../parse-api/jobs/request-options.js";

/** Says which values an option takes, as they are written on the command line. */
const valuesOf = (schema: z.core.JSONSchema.JSONSchema | boolean | undefined): string => {
  if (typeof schema !== "object") return "JSON";
  const { type, enum: values, anyOf, properties, items } = schema;
  if (values) return values.join("|");
  if (anyOf) return anyOf.map(valuesOf).join(" or ");
  if (type === "boolean") return "true|false";
  if (type === "integer" || type === "number") return "NUMBER";
  if (type === "string") return "TEXT";
  if (type === "array") return `a JSON list of ${valuesOf(Array.isArray(items) ? items[0] : items)}`;
  return properties ? `{${Object.keys(properties).join(", ")}} as JSON` : "JSON";
};

const WIDTH = 100;

/** Breaks a long line after commas and bars, with the rest indented. */
const wrap = (line: string): string =>
  line
    .split(/(?<=[,|] ?)/)
    .reduce<string[]>((lines, part) => {
      const last = lines.at(-1);
      if (last !== undefined && last.length + part.length <= WIDTH) lines[lines.length - 1] = last + part;
      else lines.push(lines.length === 0 ? part : `      ${part}`);
      return lines;
    }, [])
    .join("\n");

/** Lists the options that `--parse` takes, with their values. */
export const parseHelp = (): string => {
  const { properties = {} } = z.toJSONSchema(parseRequestSchema, { io: "input" });
  const older: ReadonlyMap<string, string> = new Map(Object.entries(RENAMED_OPTIONS));
  const line = (name: string) => wrap(`  ${name}=${valuesOf(properties[name])}`);
  const names = Object.keys(properties)
    .filter((name) => !older.has(name))
    .sort();
  return [
    "Options of documents and pictures:",
    ...names.filter((name) => !isWorkbookOption(name)).map(line),
    "",
    "Options of workbooks (.xls, .xlsx):",
    ...names.filter(isWorkbookOption).map(line),
    "",
    "Older names, which are taken too:",
    ...[...older].map(([name, current]) => `  ${name} (now ${current})`),
  ].join("\n");
};
