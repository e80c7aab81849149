import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { pointMetadataSchema } from "../src/documents/metadata.js";
import { ERROR_CODES } from "../src/errors.js";

const readme = readFileSync(path.resolve(import.meta.dirname, "../README.md"), "utf8");

/** The table between two marks, as rows of cells, less the heading. */
const table = (name: string): string[][] => {
  const [, body = ""] =
    new RegExp(`<!-- ${name}: [^>]*-->([\\s\\S]*?)<!-- end of ${name} -->`).exec(readme) ?? [];
  return body
    .trim()
    .split("\n")
    .slice(2)
    .map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
};

describe("the README", () => {
  it("lists every error code with its meaning", () => {
    expect(table("errors")).toEqual(
      Object.entries(ERROR_CODES).map(([code, meaning]) => [`\`${code}\``, meaning]),
    );
  });

  it("lists every key of a stored point's metadata with its meaning", () => {
    const keys = Object.entries(pointMetadataSchema.shape).map(([key, { description }]) => [
      `\`${key}\``,
      description,
    ]);
    expect(table("metadata")).toEqual(keys);
  });
});
