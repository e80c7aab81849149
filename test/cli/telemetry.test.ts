import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { runCli } from "../support/cli/run-cli.js";

const ROOT = path.resolve(import.meta.dirname, "../..");
const SDK = pathToFileURL(path.join(ROOT, "test/support/telemetry/print-spans.mjs")).href;

it("the command tells an SDK that is loaded before it of each document", async () => {
  const cwd = await mkdtemp(path.join(tmpdir(), "unsiloed-telemetry-"));
  try {
    const report = path.join(ROOT, "examples/data/annual-report.json");
    const env = { NODE_OPTIONS: `--import ${SDK}` };
    const { code, stderr } = await runCli(["ingest", `result:${report}`, "--embeddings", "local"], {
      cwd,
      env,
    });
    expect(code, stderr).toBe(0);
    const spans = stderr.match(/^SPAN .*$/gm);
    expect(spans).toEqual([
      "SPAN unsiloed.split",
      "SPAN unsiloed.embed",
      "SPAN unsiloed.store",
      "SPAN unsiloed.document",
    ]);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
});
