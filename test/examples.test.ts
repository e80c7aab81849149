import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { createDatabase, describeWithPostgres } from "./support/postgres.js";

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
  "09-distributed.ts": /DATABASE_URL/,
};

const headline = (name: string): string => `=== ${name} ===\n`;

/** Runs the examples one after the other in one process, which would load the same packages for each. */
const runAll = async (names: readonly string[], env: Record<string, string> = {}): Promise<string> => {
  const program = `
    for (const name of ${JSON.stringify(names)}) {
      process.stdout.write("=== " + name + " ===\\n");
      await import(${JSON.stringify(pathToFileURL(path.join(ROOT, "examples/")).href)} + name);
    }`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "-e", program],
    { cwd: ROOT, env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...env } },
  );
  return stdout;
};

describe("the examples", () => {
  let printed: string;
  beforeAll(async () => {
    printed = await runAll(examples);
  });

  it("are all listed in this test", () => {
    expect(examples).toEqual(Object.keys(PRINTS));
  });

  it.each(examples)("%s runs without an API key and without a network", (name) => {
    const [, own = ""] = printed.split(headline(name));
    expect(own.split(/^=== /m)[0]).toMatch(PRINTS[name] ?? /(?!)/);
  });
});

describeWithPostgres("the example with a database", () => {
  it("enqueues, works, and enqueues nothing again", async () => {
    const printed = await runAll(["09-distributed.ts"], { DATABASE_URL: await createDatabase() });
    expect(printed).toMatch(/enqueued: 2, .*\n[\s\S]*succeeded: 2[\s\S]*enqueued: 0, .*unchanged: 2/);
  });
});
