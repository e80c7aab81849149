import { writeFile } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { EmulatorOptions } from "../../src/emulator/options.js";
import { FAST, Workspace } from "../support/cli/workspace.js";
import { smallResult } from "../support/parse-service.js";
import { pdfOf } from "../support/pdf.js";

describe("what parsing costs", () => {
  let space: Workspace;
  afterEach(() => space.close());

  /** Makes files of which each has so many pages; of `null`, nothing can count them. */
  const open = async (pages: Record<string, number | null>, options: Partial<EmulatorOptions> = {}) => {
    space = await Workspace.open(
      options,
      Object.keys(pages).map((name) => `docs/${name}`),
    );
    for (const [name, count] of Object.entries(pages))
      if (count !== null)
        await writeFile(space.path(`docs/${name}`), Buffer.concat([pdfOf(count), Buffer.from(name)]));
    return { cli: space.cli.bind(space), json: space.json.bind(space) };
  };

  it("is estimated by plan from the pages on the disk", async () => {
    const { cli, json } = await open({ "a.pdf": 3, "b.pdf": 40, "c.docx": null });
    const { stdout } = await cli(["plan", "docs", "--price-per-page", "0.02"]);
    expect(stdout).toContain(
      "SUBMIT docs/a.pdf, 3 pages\nSUBMIT docs/b.pdf, 40 pages\nSUBMIT docs/c.docx, unknown length\n",
    );
    expect(stdout).toContain(
      "parsing:   3 submissions, 43 pages and 1 document of unknown length, at least about 43 credits, about $0.86 for the counted pages;",
    );
    const plan = await json("plan", "docs", "--exclude", "*.docx", "--price-per-page", "0.02");
    expect(plan.cost).toMatchObject({
      parse_pages: 43,
      parse_unknown_documents: 0,
      parse_credits: 43,
      parse_usd: 0.86,
    });
    expect((await json("plan", "docs/b.pdf", "--parse", "page_range=1-5")).cost.parse_pages).toBe(5);
  });

  it("is told after a run, and by status in sum", async () => {
    const { cli, json } = await open({ "a.pdf": 2, "b.pdf": 2 }, { creditsPerJob: 2 });
    const first = await cli(["ingest", "docs", ...FAST]);
    expect(first.stdout).toMatch(/\nparsing: {4}2 jobs(?:, 4 pages)?, 4 credits\n/);
    expect((await cli(["status"])).stdout).toContain("credits:      4 for 2 jobs");
    expect((await json("status")).credits).toEqual({ used: 4, jobs: 2 });
    const again = await json("ingest", "docs", ...FAST);
    expect(again).toMatchObject({ parsing: { jobs: 0, pages: 0, credits: 0, unknown: 0 }, left_out: [] });
  });

  it("of uploads is known when their jobs have ended", async () => {
    const { json } = await open({ "a.webp": null }, { creditsPerJob: 7 });
    const report = await json("ingest", "docs", ...FAST);
    expect(report).toMatchObject({ code: 0, parsing: { jobs: 1, credits: 7, unknown: 0 } });
    expect((await json("status")).credits).toEqual({ used: 7, jobs: 1 });
  });

  it("is what the service named last, in the report as in status", async () => {
    const { json } = await open({ "a.pdf": 2 }, { results: { ...smallResult(), credit_used: 5 } });
    const { stderr, stdout } = await space.cli(["ingest", "docs", "--json", "--log", "json", ...FAST]);
    const { parsing } = JSON.parse(stdout);
    expect(stderr).toContain(`"credits":${parsing.credits}`);
    expect((await json("status")).credits).toEqual({ used: parsing.credits, jobs: 1 });
  });

  it("stays within --max-credits, and what was left out is taken by the next run", async () => {
    const { cli, json } = await open({ "a.pdf": 4, "b.pdf": 4, "c.pdf": 4 }, { creditsPerJob: 4 });
    const first = await json("ingest", "docs", "--max-credits", "9", ...FAST);
    expect(space.emulator.submissions).toBe(2);
    expect(first).toMatchObject({
      code: 1,
      sources: { total: 3, succeeded: 2, failed: 0, unfinished: 1 },
      failures: [],
      stopped: null,
      parsing: { jobs: 2, credits: 8 },
      left_out: [
        { message: "not submitted: it would cost about 4 credits, and 8 of --max-credits 9 are spent" },
      ],
    });
    const nothing = await cli(["ingest", "docs", "--max-credits", "0", ...FAST]);
    expect(nothing.code).toBe(1);
    expect(nothing.stdout).toMatch(
      /LEFT OUT docs\/.\.pdf: not submitted: it would cost about 4 credits, more than the limit of 0/,
    );
    expect(nothing.stdout).toContain(
      "next:       CREDIT_LIMIT: run the same command again, with the same or a higher --max-credits",
    );
    expect(nothing.stderr).not.toContain("not finished");
    const last = await json("ingest", "docs", "--max-credits", "9", ...FAST);
    expect(last).toMatchObject({ code: 0, sources: { succeeded: 3, unchanged: 2, unfinished: 0 } });
    expect(space.emulator.submissions).toBe(3);
  });

  it("finishes jobs that were paid for, even if nothing may be spent", async () => {
    const { json } = await open({ "a.pdf": 1 }, { faults: [{ on: "result", fault: "forbidden" }] });
    await json("ingest", "docs", ...FAST);
    expect(space.emulator.submissions).toBe(1);
    const { jobId = "", fileName = "" } = space.emulator.jobs[0] ?? {};
    await space.restart();
    space.emulator.addJob({ jobId, fileName });
    const report = await json("ingest", "docs", "--max-credits", "0", ...FAST);
    expect(report).toMatchObject({ code: 0, sources: { succeeded: 1 }, parsing: { jobs: 0 } });
  });

  it("is not paid for what is called PDF and is none", async () => {
    const { cli, json } = await open({ "a.pdf": 1, "b.pdf": null });
    await writeFile(space.path("docs/b.pdf"), "<!doctype html><title>Sign in</title>");
    const plan = await json("plan", "docs");
    expect(plan.actions).toEqual({ submit: 1, fail: 1 });
    const report = await json("ingest", "docs", ...FAST);
    expect(report).toMatchObject({ code: 1, failures: [{ source: "docs/b.pdf", code: "UNSUPPORTED_FILE" }] });
    expect(report.failures[0].message).toContain(
      "not a PDF file, as there is no %PDF in its first 1024 bytes",
    );
    expect(space.emulator.submissions).toBe(1);
    const { stderr } = await cli(["status"]);
    expect(stderr).toContain(
      "UNSUPPORTED_FILE: replace or convert the file, then run ingest again; retry does not help",
    );
    expect(stderr).not.toContain('"unsiloed-ingest retry" ingests them again');
  });
});
