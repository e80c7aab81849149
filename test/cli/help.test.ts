import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../src/cli/program.js";

const STATIC_IMPORT = /^(?:import|export)\s(?!type\s)(?:[^;"]*?from\s+)?"([^"]+)"/gm;

/** Lists the packages that a source file loads before anything runs, by its own imports and those of its imports. */
const packagesLoadedBy = (entry: string): Set<string> => {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, name = ""] of readFileSync(file, "utf8").matchAll(STATIC_IMPORT)) {
      if (name.startsWith(".")) visit(path.resolve(path.dirname(file), name.replace(/\.js$/, ".ts")));
      else if (!name.startsWith("node:")) packages.add(name);
    }
  };
  visit(path.resolve(import.meta.dirname, entry));
  return packages;
};

describe("--help", () => {
  it("loads only the packages that read the command line and name what was meant", () => {
    expect([...packagesLoadedBy("../../src/cli/run.ts")]).toEqual(["commander", "leven"]);
  });
});

/** Shows the help of each command as a terminal of that width does. */
const helpAt = (width: number): { name: string; help: string }[] =>
  createProgram().commands.map((command) => {
    let help = "";
    command.configureOutput({
      getOutHelpWidth: () => width,
      writeOut: (text) => {
        help += text;
      },
    });
    command.outputHelp();
    return { name: command.name(), help };
  });

describe("the help of a command", () => {
  it.each([80, 60])("fits %i columns", (width) => {
    for (const { name, help } of helpAt(width))
      expect(
        help.split("\n").filter((line) => line.length > width),
        `${name}: too long`,
      ).toEqual([]);
  });

  it("has its options in groups, and examples", () => {
    for (const { name, help } of helpAt(80)) {
      expect(help, name).toMatch(/^Examples?:\n {2}unsiloed-ingest /m);
      const [, single = ""] = /^Options:\n([\s\S]*?)\n\n/m.exec(help) ?? [];
      const own = single.split("\n").filter((line) => /^ {2}-/.test(line));
      if (name === "ingest" || name === "search") expect(own).toEqual([expect.stringContaining("--help")]);
    }
    const ingest = helpAt(80).find(({ name }) => name === "ingest");
    for (const group of [
      "Documents",
      "Parsing",
      "Splitting",
      "Embeddings",
      "Store and state",
      "Speed and limits",
    ])
      expect(ingest?.help).toContain(`\n${group}:\n`);
  });
});
