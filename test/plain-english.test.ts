import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "..");

/** Words for which there is a plainer one. Readers from all over the world must understand the code. */
const LITERARY = /\b(whoever|whatever|anew|meanwhile|clash(?:es)?|flights|seats?)\b/i;

const files = ["src", "loaders"].flatMap((folder) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|js)$/.test(name))
    .map((name) => path.join(folder, name)),
);

it("is written in plain words", () => {
  expect(files.length).toBeGreaterThan(100);
  expect("whatever is read anew").toMatch(LITERARY);
  const found = files.flatMap((file) =>
    readFileSync(path.join(ROOT, file), "utf8")
      .split("\n")
      .flatMap((text, index) => (LITERARY.test(text) ? [`${file}:${index + 1}: ${text.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});
