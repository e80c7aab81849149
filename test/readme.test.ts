import { Buffer } from "node:buffer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram } from "../src/cli/program.js";
import { readPage } from "./support/docs/generated.js";
import { ReaderProject, typescriptIn } from "./support/docs/snippets.js";

const readme = readPage("README.md");

describe("the README", () => {
  let project: ReaderProject;

  beforeAll(async () => {
    project = await ReaderProject.create();
  });

  afterAll(() => project.remove());

  it("has at most 9,000 bytes", () => {
    expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(9_000);
  });

  it("has one complete file that runs offline as pasted and prints what the README says", async () => {
    const [file = "", ...others] = typescriptIn(readme);
    expect(others, "further blocks would have to be complete as well").toEqual([]);
    await project.write("try.ts", file);
    const printed = await project.run("try.ts");
    const [, shown = ""] = /^It prints:\n+```\n([\s\S]*?)^```$/m.exec(readme) ?? [];
    expect(shown).not.toBe("");
    expect(printed).toBe(shown);
  });

  it("names the lines to change for Qdrant and OpenAI, and the file compiles with them", async () => {
    const [, changes = ""] = /^```diff\n([\s\S]*?)^```$/m.exec(readme) ?? [];
    let [file = ""] = typescriptIn(readme);
    for (const [, before = "", after = ""] of changes.matchAll(/^-(.*)\n\+(.*)$/gm)) {
      expect(file).toContain(`${before}\n`);
      file = file.replace(`${before}\n`, `${after}\n`);
    }
    expect(file).toContain("QdrantSink(");
    expect(file).toContain("PackedOpenAIEmbeddings(");
    await project.write("changed.ts", file);
    expect(await project.typeErrors()).toBe("");
  });

  it("shows an answer exactly as the demo prints it", async () => {
    const [, answer = ""] = /^```\n(Q: [\s\S]*?)^```$/m.exec(readme) ?? [];
    expect(answer).not.toBe("");
    expect(await project.command("demo")).toContain(answer.trim());
  });

  it("lists every command", () => {
    const commands = createProgram().commands.map((command) => command.name());
    const listed = [...readme.matchAll(/^unsiloed-ingest ([a-z]+) .+$/gm)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual(commands.toSorted());
  });
});
