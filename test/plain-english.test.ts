import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "..");

/** Words for which there is a plainer one. Readers from all over the world must understand code and docs. */
const LITERARY =
  /\b(whoever|whatever|anew|meanwhile|clash(?:es)?|flights|seats?|heed(?:s|ed)?|patiently|of those that|lest|hence|thereof)\b/i;

/** More words that a title of a test does without. */
const LITERARY_IN_TITLE = /\b(wherever|whichever|however|alike|go(?:es)? on|shall)\b/i;

/** The first text of a call, or after a table of cases: the title of a test. */
const TITLE = /(?:\b(?:it|describe)\w*(?:\.\w+)*|[\])])\(\s*(["`])((?:(?!\1).)+)\1/g;

const filesBelow = (folder: string, ending: RegExp): string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) => path.posix.join(folder, name.split(path.sep).join("/")))
    // Authored documents of the benchmarks are data, and this file lists the words.
    .filter((file) => ending.test(file) && !/\/data\//.test(file) && file !== "test/plain-english.test.ts");

const CODE = /\.(ts|js)$/;
const files = [
  ...["src", "loaders", "test", "bench", "examples"].flatMap((folder) => filesBelow(folder, CODE)),
  ...["docs", "bench", "examples"].flatMap((folder) => filesBelow(folder, /\.md$/)),
  ...readdirSync(ROOT).filter((name) => name.endsWith(".md")),
];
const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

it("code, tests and docs are written in plain words", () => {
  expect(files.length).toBeGreaterThan(400);
  expect(files).toContain("README.md");
  expect("whatever is read anew").toMatch(LITERARY);
  const found = files.flatMap((file) =>
    read(file)
      .split("\n")
      .flatMap((text, index) => (LITERARY.test(text) ? [`${file}:${index + 1}: ${text.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});

it("titles of tests are written in plain words", () => {
  const titles = files
    .filter((file) => /\.test\.ts$|^test\/contract\//.test(file))
    .flatMap((file) => [...read(file).matchAll(TITLE)].map(([, , title = ""]) => `${file}: ${title}`));
  expect(titles.length).toBeGreaterThan(1_000);
  expect(titles.filter((title) => LITERARY_IN_TITLE.test(title))).toEqual([]);
});
