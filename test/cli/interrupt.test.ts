import { afterEach, describe, expect, it } from "vitest";
import { FAST, Workspace } from "../support/cli/workspace.js";

const FILES = Array.from({ length: 40 }, (_, n) => `docs/${n}.pdf`);

describe("a command that is interrupted twice", () => {
  let space: Workspace;
  afterEach(() => space.close());

  it.each(["SIGINT", "SIGTERM"] as const)("ends at once by %s while its ledger is written", async (name) => {
    space = await Workspace.open({}, FILES);
    let sent = 0;
    const stopped = await space.cli(["ingest", "docs", "--concurrency", "20", ...FAST], {
      onStderr: (stderr) => {
        const isDue = sent === 0 ? stderr.includes("submitting") : stderr.includes("stopping");
        if (sent === 2 || !isDue) return undefined;
        sent += 1;
        return name;
      },
    });
    expect(stopped.stderr).toContain("press Ctrl-C again to stop at once");
    expect(sent).toBe(2);
    // The process ends by the signal itself, which shells turn into an exit code.
    expect(stopped).toMatchObject({ code: null, signal: name });

    // Submissions in flight have an unknown outcome; everything else is read.
    const calm = await space.json("ingest", "docs", ...FAST);
    const unknown = new Set(calm.failures.map(({ code }: { code: string }) => code));
    expect([...unknown].filter((code) => code !== "SUBMISSION_UNKNOWN")).toEqual([]);
    expect(calm.sources.succeeded + calm.sources.failed).toBe(FILES.length);
    const names = space.emulator.jobs.map(({ fileName }) => fileName);
    expect(new Set(names).size).toBe(names.length);
  });
});
