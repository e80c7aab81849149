import { readFile } from "node:fs/promises";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import { optionValues } from "../../../src/cli/config/apply-config.js";
import { type Config, configSchema } from "../../../src/cli/config/config-schema.js";
import type { UnsiloedConfig } from "../../../src/cli/config/define-config.js";
import { createProgram } from "../../../src/cli/program.js";

/** Options of one call, of one document or of one question, which no project has. */
const OF_ONE_CALL = new Set([
  ...["json", "config", "failed", "all", "docId", "title", "yes", "dryRun"],
  ...["type", "page", "segment", "segmentId", "section", "doc", "docVersion"],
  // Of one look at what is stored.
  ...["port", "open", "export", "texts"],
  // Of one process among several.
  ...["untilEmpty", "grace", "lease", "health"],
  // A file that confirms deletions would confirm the wrong one.
  ...["yes", "dryRun"],
]);
/** Commands that take no config. */
const WITHOUT_CONFIG = new Set(["demo", "init"]);

describe("the config file", () => {
  it("has the type that its schema accepts", () => {
    expectTypeOf<UnsiloedConfig>().toEqualTypeOf<z.input<typeof configSchema>>();
  });

  it("is as the documentation shows it", async () => {
    const page = await readFile(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
    const [, json = ""] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    expect(configSchema.parse(JSON.parse(json))).toMatchObject({ search: { k: 10 } });
  });

  it("has a place for each option of each command", () => {
    // A value for every name, those of sections included.
    const names = (schema: z.ZodObject): Record<string, unknown> =>
      Object.fromEntries(Object.keys(schema.shape).map((name) => [name, true]));
    const { search, evaluate, emulator } = configSchema.shape;
    const everything: object = {
      ...names(configSchema),
      search: names(search.unwrap()),
      evaluate: names(evaluate.unwrap()),
      emulator: names(emulator.unwrap()),
    };
    for (const command of createProgram().commands) {
      if (WITHOUT_CONFIG.has(command.name())) continue;
      const placed = optionValues(everything as Config, command.name());
      const missing = command.options
        .map((option) => option.attributeName())
        .filter((name) => !(name in placed) && !OF_ONE_CALL.has(name));
      expect({ command: command.name(), missing }).toEqual({ command: command.name(), missing: [] });
    }
  });
});
