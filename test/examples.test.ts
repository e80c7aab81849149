import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "..");
const examples = readdirSync(path.join(ROOT, "examples")).filter((name) => name.endsWith(".ts"));

/** A text that only a working example prints. */
const PRINTS: Record<string, RegExp> = {
  "01-load-a-job.ts": /kept: 44|44/,
  "02-split.ts": /--- Table, page 3, part \d+\/\d+ rows 0-/,
  "03-ingest.ts": /second run:[\s\S]*upserted: 0/,
  "04-search-with-citations.ts": /\[1\] .*annual-report\.json, page 5[\s\S]*0\.35/,
  "05-lcel-chain.ts": /3\.125 percent/,
  "06-agent-tool.ts": /Ilse Marchetti[\s\S]*page_number: 1/,
  "07-rerank.ts":
    /rerank: words\n {2}\d\.\d{3} Table 3: Safety indicators[\s\S]*rerank: shared words\n {2}\d/,
  "08-telemetry.ts": /name: 'unsiloed\.document'[\s\S]*name: 'unsiloed\.documents'/,
};

describe("the examples", () => {
  it("are all listed in this test", () => {
    expect(examples).toEqual(Object.keys(PRINTS));
  });

  it.each(examples)("%s runs without an API key and without a network", async (name) => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", `examples/${name}`], {
      cwd: ROOT,
      env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" },
    });
    expect(stdout).toMatch(PRINTS[name] ?? /(?!)/);
  });
});
