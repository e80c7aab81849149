import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { formatFailures, nextSteps } from "../../src/cli/terminal/failures.js";
import type { IngestFailure } from "../../src/ingest/run/report.js";
import { FAST, Workspace } from "../support/cli/workspace.js";
import { listen } from "../support/listen.js";

const failure = (source: string, code: IngestFailure["code"], message: string): IngestFailure => ({
  source,
  doc_id: source,
  stage: "submit",
  code,
  message,
});

describe("failures in a report", () => {
  it("have one line for each distinct one, with a count", () => {
    const refused = ["a", "b", "c", "d", "e"].map((name) =>
      failure(name, "UNAUTHORIZED", "the key is refused"),
    );
    const own = ["f.txt", "g.txt"].map((name) =>
      failure(name, "UNSUPPORTED_FILE", `submitting ${name}: no such type`),
    );
    expect(formatFailures({ failures: [...refused, ...own], stopped: null })).toEqual([
      "FAILED 5 sources [submit] UNAUTHORIZED: the key is refused (a, b, c and 2 more)",
      "FAILED 2 sources [submit] UNSUPPORTED_FILE: submitting f.txt: no such type (f.txt, g.txt)",
    ]);
  });

  it("name their source once", () => {
    const own = failure("mix/empty.pdf", "UNSUPPORTED_FILE", "mix/empty.pdf: the file is empty (0 bytes)");
    expect(formatFailures({ failures: [own], stopped: null })).toEqual([
      expect.stringMatching(
        /^FAILED mix\/empty\.pdf \[\w+\] UNSUPPORTED_FILE: the file is empty \(0 bytes\)$/,
      ),
    ]);
  });

  it("end with what to do next, once for each kind", () => {
    const steps = nextSteps({
      failures: [
        failure("a", "UNAUTHORIZED", "x"),
        failure("b", "UNAUTHORIZED", "y"),
        failure("c", "OUT_OF_CREDITS", "z"),
      ],
      stopped: null,
      left_out: [],
    });
    expect(steps).toEqual([
      expect.stringMatching(/^next: {7}UNAUTHORIZED: correct the key .* run the same command again/),
      expect.stringMatching(/^next: {7}OUT_OF_CREDITS: add credits/),
    ]);
  });
});

describe("a run with a wrong key", () => {
  let space: Workspace;
  afterEach(() => space.close());

  it("says so once in the log and once in the report", async () => {
    space = await Workspace.open(
      {},
      Array.from({ length: 9 }, (_, n) => `docs/${n}.pdf`),
    );
    const env = { ...space.env, UNSILOED_API_KEY: "wrong" };
    const { code, stdout, stderr } = await space.cli(["ingest", "docs", ...FAST], { env });
    expect(code).toBe(2);
    expect(stderr.match(/UNAUTHORIZED/g)).toHaveLength(1);
    expect(stdout.match(/^(?:FAILED|STOPPED).*UNAUTHORIZED: .*key/gm)).toHaveLength(1);
    expect(stdout).toMatch(/^next: {7}UNAUTHORIZED: correct the key/m);
  });
});

describe("an address that answers with a web page", () => {
  let space: Workspace;
  let server: Server;
  let submissions = 0;
  afterEach(async () => {
    server.close();
    await space.close();
  });

  it("ends the submissions after those on their way, whose outcome stays unknown", async () => {
    space = await Workspace.open(
      {},
      Array.from({ length: 20 }, (_, n) => `docs/${n}.pdf`),
    );
    server = createServer((request, response) => {
      submissions += 1;
      request.resume().on("end", () => {
        response.setHeader("content-type", "text/html");
        response.end("<!doctype html><title>Sign in</title>");
      });
    });
    const env = { ...space.env, UNSILOED_BASE_URL: `http://127.0.0.1:${await listen(server)}` };
    const { code, stdout } = await space.cli(["ingest", "docs", "--concurrency", "1", ...FAST], { env });
    expect(code).toBe(1);
    expect(submissions).toBe(1);
    expect(stdout).toMatch(
      /SUBMISSION_UNKNOWN: .*answers with a web page; check baseUrl \(UNSILOED_BASE_URL\)/,
    );
    expect(stdout).toContain("parsing:    1 submission of unknown outcome\n");
    expect(stdout).toContain("STOPPED [submit] SUBMISSION_UNKNOWN");
    submissions = 0;
    await space.cli(["ingest", "docs", ...FAST], { env });
    expect(submissions).toBeLessThanOrEqual(4);
  });
});
