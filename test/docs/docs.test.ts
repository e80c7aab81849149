import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MODELS, STORES } from "../../src/cli/setup/registry.js";
import { GENERATED, ROOT, readPage, tablesIn, withTables } from "../support/docs/generated.js";
import { ReaderProject, typescriptIn } from "../support/docs/snippets.js";

const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync(path.join(ROOT, "docs")).map((name) => `docs/${name}`),
].filter((name) => name.endsWith(".md") && existsSync(path.join(ROOT, name)));

describe("the generated tables", () => {
  it.each(PAGES)("of %s are up to date; `npm run docs` updates them", (name) => {
    expect(readPage(name)).toBe(withTables(readPage(name)));
  });

  it("are each in one page", () => {
    const shown = PAGES.flatMap((name) => tablesIn(readPage(name)));
    expect(shown.toSorted()).toEqual(Object.keys(GENERATED).toSorted());
  });

  it("are updated when a description has changed", () => {
    const page = readPage("docs/errors.md");
    expect(withTables(page.replace("has the wrong type", "has a wrong type"))).toBe(page);
  });
});

describe("the stores and models of the registry", () => {
  const manifest = JSON.parse(readPage("package.json"));

  it.each(STORES.map(({ name }) => name))("%s is listed in the docs of stores", (name) => {
    for (const page of ["README.md", "CHANGELOG.md", "docs/architecture.md", "docs/platforms.md"])
      expect(readPage(page).toLowerCase(), `${page} names ${name}`).toContain(name);
    expect(manifest.description.toLowerCase(), "description in package.json").toContain(name);
    expect(manifest.keywords, "keywords in package.json").toContain(name);
  });

  it.each([...STORES, ...MODELS])(
    "$name says what it reads and needs",
    ({ name, variable, secrets = [], ...entry }) => {
      const { variables = {}, packages = [] } = entry;
      const read = [...(variable === undefined ? [] : [variable]), ...secrets];
      expect(Object.keys(variables), "variables of the entry").toEqual(expect.arrayContaining(read));
      const { dependencies, optionalDependencies, peerDependencies, devDependencies } = manifest;
      const required = { ...dependencies, ...optionalDependencies, ...peerDependencies };
      const installed = { ...dependencies, ...optionalDependencies, ...devDependencies };
      for (const each of packages) {
        expect(Object.keys(required), `${name} needs ${each}`).toContain(each);
        expect(Object.keys(installed), "devDependencies, for the tests").toContain(each);
        const isListed = readPage("docs/platforms.md").includes(each);
        expect(isListed, `docs/platforms.md lists ${each}`).toBe(true);
      }
    },
  );
});

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");

const anchorsIn = (page: string): string[] =>
  [...page.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));

describe("the links", () => {
  it.each(PAGES)("of %s lead to an existing file or heading", (name) => {
    const links = [...readPage(name).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(
      ([, link = ""]) => link,
    );
    for (const link of links) {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? name : path.posix.join(path.posix.dirname(name), file);
      expect(existsSync(path.join(ROOT, target)), `${name}: ${link}`).toBe(true);
      if (anchor !== undefined) expect(anchorsIn(readPage(target)), `${name}: ${link}`).toContain(anchor);
    }
  });

  it.each(PAGES)("on names in %s lead to a file that contains the name", (name) => {
    for (const [, names = "", target = ""] of readPage(name).matchAll(
      /\[((?:`[\w.]+`(?:, )?)+)\]\(([^)#]+\.ts)\)/g,
    )) {
      const file = path.posix.join(path.posix.dirname(name), target);
      const code = readPage(file);
      for (const [, symbol = ""] of names.matchAll(/`([\w.]+)`/g))
        expect(file.endsWith(symbol) || code.includes(symbol), `${symbol} in ${file}`).toBe(true);
    }
  });

  it("lead from the README to every page", () => {
    const reached = new Set<string>();
    const visit = (name: string): void => {
      if (reached.has(name)) return;
      reached.add(name);
      for (const [, link = ""] of readPage(name).matchAll(/\]\(([^)\s#:]+\.md)/g))
        visit(path.posix.join(path.posix.dirname(name), link));
    };
    visit("README.md");
    expect(PAGES.filter((name) => !reached.has(name))).toEqual([]);
  });
});

describe("the code in the pages", () => {
  let project: ReaderProject;

  beforeAll(async () => {
    project = await ReaderProject.create();
  });

  afterAll(() => project.remove());

  it("compiles in a project that has this package installed", async () => {
    let blocks = 0;
    for (const name of PAGES) {
      for (const [index, code] of typescriptIn(readPage(name)).entries()) {
        await project.write(`${name.replace(/\W/g, "-")}-${index + 1}.ts`, code);
        blocks += 1;
      }
    }
    expect(blocks).toBeGreaterThan(10);
    expect(await project.typeErrors()).toBe("");
    await project.write("wrong.ts", 'import { ingest } from "unsiloed-ingest";\ningest(1);\n');
    expect(await project.typeErrors()).toContain("wrong.ts(2,");
  });
});
