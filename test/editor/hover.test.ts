import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LanguageServer } from "../support/editor/language-server.js";

const FILE = path.resolve(import.meta.dirname, "../support/editor/options.ts");

/** Every option that has its own line, at any depth, with the name of the constant that contains it. */
const options = readFileSync(FILE, "utf8")
  .split("\n")
  .reduce<{ owner: string; name: string; line: number; character: number }[]>((found, text, line) => {
    const [, indent, name] = /^( {2,})(\w+)(?:: .*)?(?:,|: [{[])$/.exec(text) ?? [];
    if (indent && name) found.push({ owner: "", name, line, character: indent.length });
    const owner = /^export const (\w+)/.exec(text)?.[1];
    if (owner) found.push({ owner, name: "", line, character: 0 });
    return found;
  }, [])
  .map((each, index, all) => ({
    ...each,
    owner: all.slice(0, index + 1).findLast(({ owner }) => owner !== "")?.owner ?? "",
  }))
  .filter(({ owner, name }) => owner !== "" && name !== "");

/** Returns the documentation in a hover, which follows the code block with the type. */
const documentationIn = (hover: string): string => hover.replace(/```[\s\S]*?```/g, "").trim();

const { exports }: { exports: object } = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, "../../package.json"), "utf8"),
);

describe("an editor", () => {
  let server: LanguageServer;

  beforeAll(async () => {
    server = await LanguageServer.start();
    server.open(FILE);
  });

  afterAll(() => server.close());

  it("is tested with options of every part of the package", () => {
    expect(options.length).toBeGreaterThan(20);
    expect(new Set(options.map(({ owner }) => owner)).size).toBeGreaterThanOrEqual(10);
    const stores = Object.keys(exports).filter((entry) => entry.startsWith("./stores/"));
    expect(stores.length).toBeGreaterThan(1);
    for (const entry of stores)
      expect(readFileSync(FILE, "utf8")).toContain(`"unsiloed-ingest${entry.slice(1)}"`);
  });

  it("shows no documentation where there is none", async () => {
    const line = readFileSync(FILE, "utf8")
      .split("\n")
      .findIndex((text) => text.startsWith("const embeddings"));
    const hover = await server.hover(FILE, line, "const ".length);
    expect(hover).toContain("HashedEmbeddings");
    expect(documentationIn(hover)).toBe("");
  });

  it.each(options)("explains $name of the $owner", async ({ name, line, character }) => {
    const hover = await server.hover(FILE, line, character);
    expect(hover).toContain(name);
    expect(documentationIn(hover)).toMatch(/\w+ \w+/);
  });
});
