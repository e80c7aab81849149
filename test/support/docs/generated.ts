import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { configSchema } from "../../../src/cli/config/config-schema.js";
import { createProgram } from "../../../src/cli/program.js";
import { MODELS, STORES } from "../../../src/cli/setup/registry.js";
import {
  documentMetadataSchema,
  pointMetadataSchema,
  splitMetadataSchema,
} from "../../../src/documents/metadata.js";
import { ERROR_CODES } from "../../../src/errors.js";
import { SUPPORTED_EXTENSIONS } from "../../../src/parse-api/jobs/file-types.js";

/** Root of the repository. */
export const ROOT = path.resolve(import.meta.dirname, "../../..");

type Row = readonly string[];

/** Prints a Markdown table. A bar in a cell is escaped, because it would end the cell. */
const table = (heading: Row, rows: readonly Row[]): string =>
  [heading, heading.map(() => "---"), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Describes the type of a JSON schema: `string[]`, `number or null`, `{left, top}`. */
const typeName = (schema: JsonSchema | boolean | undefined): string => {
  if (typeof schema !== "object") return "any";
  const { type, const: only, enum: values, anyOf, items, properties } = schema;
  if (only !== undefined) return JSON.stringify(only);
  if (values) return values.map((value) => JSON.stringify(value)).join(" or ");
  if (anyOf) return anyOf.map(typeName).join(" or ");
  if (type === "array") return `${typeName(Array.isArray(items) ? items[0] : items)}[]`;
  if (properties) return `{${Object.keys(properties).join(", ")}}`;
  return [type ?? "any"].flat().join(" or ");
};

type Metadata = typeof documentMetadataSchema | typeof splitMetadataSchema | typeof pointMetadataSchema;

const metadataTable = (schema: Metadata, except: readonly string[]): string => {
  const json = z.toJSONSchema(schema, { unrepresentable: "any", io: "input" });
  const rows = Object.entries(schema.shape)
    .filter(([key]) => !except.includes(key))
    .map(([key, field]) => {
      const isAlways = json.required?.includes(key) ?? false;
      const { description } = field;
      if (description === undefined) throw new Error(`metadata.ts: expected a description of ${key}`);
      return [
        `\`${key}\``,
        `\`${typeName(json.properties?.[key])}\``,
        isAlways ? "always" : "optional",
        description,
      ];
    });
  return table(["key", "type", "present", "meaning"], rows);
};

const commandTable = (): string => {
  const rows = createProgram().commands.map((command) => {
    const names = command.registeredArguments.map((argument) => {
      const shown = `${argument.name()}${argument.variadic ? "…" : ""}`;
      return argument.required ? `<${shown}>` : `[${shown}]`;
    });
    const meanings = command.registeredArguments.map(
      (argument) => `${argument.name()}: ${argument.description}`,
    );
    return [`\`${[command.name(), ...names].join(" ")}\``, [command.description(), ...meanings].join("; ")];
  });
  return table(["command", "what it does"], rows);
};

/** Lists every option once, with the commands that take it; options that differ by command have a row for each. */
const optionTable = (): string => {
  const rows = new Map<string, { flags: string; meaning: string; commands: string[] }>();
  const program = createProgram();
  for (const command of [...program.commands, program]) {
    for (const { flags, long, description, argChoices, defaultValue } of command.options) {
      if (long === "--version") continue;
      const isSaid = argChoices?.every((choice) => description.includes(choice)) ?? true;
      const choices = isSaid ? "" : `: ${argChoices?.join(", ")}`;
      const standard =
        defaultValue === undefined || defaultValue === true ? "" : ` (default: ${String(defaultValue)})`;
      const meaning = `${description}${choices}${standard}`;
      const key = `${flags} ${meaning}`;
      const row = rows.get(key) ?? { flags, meaning, commands: [] };
      const every = /config/.test(flags) ? "all but demo and init" : "all";
      row.commands.push(command === program ? every : command.name());
      rows.set(key, row);
    }
  }
  const printed = [...rows.values()].map(({ flags, meaning, commands }) => [
    `\`${flags}\``,
    meaning,
    commands.join(", "),
  ]);
  return table(["option", "meaning", "commands"], printed);
};

const variableTable = (): string => {
  const own = {
    UNSILOED_API_KEY: "key of the parse API",
    UNSILOED_BASE_URL: "address of the parse API, such as that of the emulator",
  };
  const named = [own, ...[...MODELS, ...STORES].map(({ variables = {} }) => variables)];
  const rows = named.flatMap((variables) => Object.entries(variables));
  return table(
    ["variable", "meaning"],
    rows.map(([name, meaning]) => [`\`${name}\``, meaning]),
  );
};

/** Lists the names that a config file may have, those of sections after the name of the section. */
const configNames = (): string => {
  const { search, evaluate, emulator, ...own } = configSchema.shape;
  const inSections = Object.entries({ search, evaluate, emulator }).flatMap(([section, schema]) =>
    Object.keys(schema.unwrap().shape).map((name) => `${section}.${name}`),
  );
  return [...Object.keys(own), ...inSections].map((name) => `\`${name}\``).join(", ");
};

/** The tables that are printed from the code, by the name that marks them in a page. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  commands: commandTable,
  "command options": optionTable,
  "environment variables": variableTable,
  "file types": () => SUPPORTED_EXTENSIONS.map((ending) => `\`.${ending}\``).join(", "),
  "config names": configNames,
  "error codes": () =>
    table(
      ["code", "what happened", "what to do", "retryable"],
      Object.entries(ERROR_CODES).map(([code, { what, action, retryable }]) => [
        `\`${code}\``,
        what,
        action,
        retryable,
      ]),
    ),
  "metadata of Documents": () => metadataTable(documentMetadataSchema, []),
  "metadata of splits": () => metadataTable(splitMetadataSchema, Object.keys(documentMetadataSchema.shape)),
  "metadata of points": () => metadataTable(pointMetadataSchema, Object.keys(splitMetadataSchema.shape)),
};

const MARKED = /(<!-- generated: (.+?) -->\n)[\s\S]*?(\n<!-- end generated -->)/g;

/** Returns a page with its generated tables brought up to date. */
export const withTables = (page: string): string =>
  page.replace(MARKED, (_all, start: string, name: string, end: string) => {
    const print = GENERATED[name];
    if (!print)
      throw new Error(`"${name}" is no generated table: expected ${Object.keys(GENERATED).join(", ")}`);
    return `${start}${print()}${end}`;
  });

/** Names of the generated tables in a page. */
export const tablesIn = (page: string): string[] => [...page.matchAll(MARKED)].map(([, , name = ""]) => name);

/** Reads a page by its path in the repository. */
export const readPage = (name: string): string => readFileSync(path.join(ROOT, name), "utf8");
