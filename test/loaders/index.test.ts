import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";

describe("importing the loaders", () => {
  it("loads no database, model, tokenizer or client of a paid API", async () => {
    const root = path.resolve(import.meta.dirname, "../..");
    const seen = new Set<string>();
    const packages = new Set<string>();
    const follow = async (file: string): Promise<void> => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = await readFile(file, "utf8");
      for (const [, clause = "", specifier = ""] of text.matchAll(
        /^(?:import|export)\s([^;]*?)from "([^"]+)"/gm,
      )) {
        if (clause.startsWith("type ")) continue;
        if (specifier.startsWith("."))
          await follow(path.join(path.dirname(file), specifier.replace(/\.js$/, ".ts")));
        else if (!specifier.startsWith("node:")) packages.add(specifier);
      }
    };
    await follow(path.join(root, "loaders/index.ts"));
    expect(seen.size).toBeGreaterThan(30);
    expect([...packages].sort()).toEqual([
      "@langchain/core/document_loaders/base",
      "@langchain/core/documents",
      "@langchain/core/utils/env",
      "ipaddr.js",
      "leven",
      "p-limit",
      "picomatch",
      "uuid",
      "zod",
    ]);
  });
});
