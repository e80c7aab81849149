import { writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FAST, Workspace } from "../support/cli/workspace.js";
import { pdfOf } from "../support/pdf.js";
import { createDatabase, describeWithPostgres } from "../support/postgres.js";

const PAGES = 3;

describeWithPostgres("--max-credits of workers", () => {
  let space: Workspace;
  let state: string[];
  beforeEach(async () => {
    state = ["--state", await createDatabase()];
  });
  afterEach(() => space.close());
  const json = (...args: string[]) => space.json(...args, ...state);
  const work = (...args: string[]) => json("work", "--until-empty", ...FAST, ...args);
  const open = async (documents: number) => {
    const names = Array.from({ length: documents }, (_, n) => `docs/${String(n).padStart(2, "0")}.pdf`);
    space = await Workspace.open({ creditsPerJob: PAGES }, names);
    for (const name of names)
      await writeFile(space.path(name), Buffer.concat([pdfOf(PAGES), Buffer.from(name)]));
    await json("migrate");
    await json("enqueue", "docs");
  };

  it("is one limit for all that work at once, and is shown by status", async () => {
    await open(12);
    space.ownProcesses = true;
    const workers = await Promise.all(Array.from({ length: 4 }, () => work("--max-credits", "16")));
    expect(space.emulator.submissions).toBe(5);
    expect(workers.reduce((sum, { parsing }) => sum + parsing.credits, 0)).toBe(15);
    expect(workers.every(({ code }) => code === 1)).toBe(true);
    const status = await json("status");
    expect(status.queue).toMatchObject({ waiting: 7, taken: 0, max_credits: { spent: 15, reserved: 0 } });
    const { stdout } = await space.cli(["status", ...state]);
    expect(stdout).toMatch(/\nmax-credits: {2}15 credits spent by workers since 20\S+Z, 0 reserved\n/);
  });

  it("counts until the queue is empty, and from zero for what is added then", async () => {
    await open(3);
    const first = await work("--max-credits", "7");
    expect(first).toMatchObject({ code: 1, parsing: { credits: 6 } });
    expect(first.left_out[0].message).toMatch(/and 6 of --max-credits 7 are spent by all workers since 20/);
    const again = await work("--max-credits", "7");
    expect(again).toMatchObject({ code: 1, parsing: { jobs: 0 } });
    expect(await work("--max-credits", "9")).toMatchObject({ code: 0, parsing: { credits: 3 } });
    await writeFile(space.path("docs/new.pdf"), Buffer.concat([pdfOf(PAGES), Buffer.from("new")]));
    await json("enqueue", "docs");
    expect(await work("--max-credits", "7")).toMatchObject({ code: 0, parsing: { credits: 3 } });
    expect((await json("status")).queue.max_credits).toMatchObject({ spent: 3, reserved: 0 });
  });
});
