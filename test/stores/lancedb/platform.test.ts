import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../../..");

describe("LanceDB on a platform without a binary", () => {
  it("names the platform and Qdrant, as on an Intel Mac", async () => {
    const program = `
      Object.defineProperty(process, "platform", { value: "darwin" });
      Object.defineProperty(process, "arch", { value: "x64" });
      const { LanceDbSink } = await import("unsiloed-ingest/stores/lancedb");
      const error = await new LanceDbSink().connect().catch((thrown) => thrown);
      console.log(JSON.stringify({ code: error.code, message: error.message }));`;
    const args = ["--input-type=module", "-e", program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    expect(JSON.parse(stdout)).toEqual({
      code: "MISSING_PACKAGE",
      message: expect.stringMatching(/^LanceDB has no binary for darwin-x64 .*use Qdrant there/),
    });
  });
});
