import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { globSync } from "tinyglobby";
import { describe, expect, it } from "vitest";
import { pageDirectory } from "../../src/inspect/http/page-files.js";

const MOST_BYTES = 2_000_000;

describe("the built page of inspect", () => {
  const directory = pageDirectory();
  const files = globSync("**/*", { cwd: directory });
  const read = (name: string): string => readFileSync(path.join(directory, name), "utf8");

  it("has less than 2 MB beside the worker of pdf.js", () => {
    const sizes = files
      .filter((name) => !/pdf\.worker/.test(name))
      .map((name) => statSync(path.join(directory, name)).size);
    expect(sizes.length).toBeLessThan(files.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_BYTES);
  });

  it("names only files of its own", () => {
    const named = [...read("index.html").matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(2);
    for (const name of named) expect(files).toContain(name.replace(/^\.\//, ""));
    for (const style of files.filter((name) => name.endsWith(".css")))
      expect(read(style)).not.toMatch(/@import|url\((?!["']?data:)/);
  });

  it("has the licences of what is in it", () => {
    const notices = read("THIRD-PARTY-NOTICES.txt");
    for (const name of ["preact", "pdfjs-dist"]) expect(notices).toMatch(new RegExp(`^${name} \\d`, "m"));
  });
});
