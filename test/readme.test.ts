import { Buffer } from "node:buffer";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram } from "../src/cli/program.js";
import { sampleFile } from "../src/cli/setup/sample.js";
import { startEmulator } from "../src/emulator/server.js";
import { runHosted, startEmulatorCommand } from "./support/cli/run-cli.js";
import { readPage } from "./support/docs/generated.js";
import { ReaderProject, typescriptIn } from "./support/docs/snippets.js";
import { OpenAIServer } from "./support/openai/server.js";
import { QdrantDouble } from "./support/qdrant-double/server.js";

const readme = readPage("README.md");

describe("the README", () => {
  let project: ReaderProject;

  beforeAll(async () => {
    project = await ReaderProject.create();
    // A reader who only ran `npm install` has no "type" and no sample data of the repository.
    await project.write("package.json", "{}");
    await project.withoutExamples();
  });

  afterAll(() => project.remove());

  it("has at most 9,000 bytes", () => {
    expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(9_000);
  });

  it("has one complete file that runs offline as pasted and prints what the README says", async () => {
    const [file = "", ...others] = typescriptIn(readme);
    expect(others, "further blocks would have to be complete as well").toEqual([]);
    await project.write("try.mts", file);
    const printed = await project.run("try.mts");
    const [, shown = ""] = /^It prints:\n+```\n([\s\S]*?)^```$/m.exec(readme) ?? [];
    expect(shown).not.toBe("");
    expect(printed).toBe(shown);
  });

  it("names the lines to change for Qdrant and OpenAI, and the file runs with them, without the emulator", async () => {
    const [, changes = ""] = /^```diff\n([\s\S]*?)^```$/m.exec(readme) ?? [];
    let [file = ""] = typescriptIn(readme);
    for (const [, before = "", after] of changes.matchAll(/^-(.*)\n(?:\+(.*)\n)?/gm)) {
      expect(file).toContain(`${before}\n`);
      file = file.replace(`${before}\n`, after === undefined ? "" : `${after}\n`);
    }
    expect(file).toContain("QdrantSink(");
    expect(file).toContain("PackedOpenAIEmbeddings(");
    expect(file).not.toMatch(/emulator|\bapi\b|sample/i);
    const services = await Promise.all([
      startEmulator({ results: sampleFile() }),
      OpenAIServer.start({ dimensions: 8 }),
      QdrantDouble.start(),
    ]);
    const [emulator, openai, qdrant] = services;
    try {
      expect(file).toContain('"http://localhost:6333"');
      await project.write("changed.mts", file.replace("http://localhost:6333", qdrant.url));
      expect(await project.typeErrors()).toBe("");
      await project.write("contracts/2025/lease.pdf", "%PDF-1.7");
      const env = {
        UNSILOED_API_KEY: "key-of-parsing",
        UNSILOED_BASE_URL: emulator.url,
        OPENAI_API_KEY: "key-of-embedding",
        OPENAI_BASE_URL: openai.baseURL,
      };
      expect(await project.run("changed.mts", env)).toMatch(
        /^44 of 54 segments stored\n\[1\] contracts\/2025\/lease\.pdf, page \d+, box /,
      );
    } finally {
      await Promise.all(services.map((service) => service.close()));
    }
  });

  it("shows how to ingest your own files without an account, with commands that work as written", async () => {
    const section = readme.slice(
      readme.indexOf("## Try it"),
      readme.indexOf("## Use it from the command line"),
    );
    const commands = [...section.matchAll(/npx unsiloed-ingest (.+)$/gm)].map(([, words = ""]) =>
      [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = ""]) => quoted ?? plain),
    );
    const [serve = [], ingest = [], search = [], ...others] = commands;
    expect(others).toEqual([]);
    expect([serve, ingest, search].map(([name]) => name)).toEqual(["emulator", "ingest", "search"]);
    const cwd = project.directory;
    await mkdir(path.join(cwd, "results"));
    for (const file of ingest.slice(1)) await project.write(file, `%PDF of ${file}`);
    // A free port in place of the one that the README names, which may be taken.
    const port = serve.indexOf("--port") + 1;
    expect(section).toContain(`export UNSILOED_BASE_URL=http://127.0.0.1:${serve[port]}\n`);
    const { child, ended, env } = await startEmulatorCommand(serve.slice(1).with(port - 1, "0"), cwd);
    try {
      const { code, stdout, stderr } = await runHosted(ingest, { cwd, env });
      expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringContaining("3 of 3") });
      const found = await runHosted(search, { cwd, env });
      expect(found.stdout).toContain("a dividend of 42 cents per share");
      expect(found.stdout, "a workbook is cited by its cells").toMatch(/budget\.xlsx, sheet \S+, cells A\d+/);
    } finally {
      child.kill("SIGINT");
    }
    expect((await ended).code).toBe(0);
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
