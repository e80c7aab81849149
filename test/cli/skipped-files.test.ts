import { symlink } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { FAST, Workspace } from "../support/cli/workspace.js";

describe("the command with a directory of mixed files", () => {
  let space: Workspace;
  afterEach(() => space.close());

  const open = async (...files: string[]) => {
    space = await Workspace.open({}, files);
    const { cli, json } = space;
    return { cli: cli.bind(space), json: json.bind(space) };
  };

  it("submits documents only, and sums up what it skipped at the end", async () => {
    const { cli, json } = await open(
      ...["a.pdf", "docs/b.docx", "docs/~$b.docx", "docs/.DS_Store", "c.txt", "d.md", "e.md"],
      ...["node_modules/f.pdf", ".git/g.pdf", "other/ledger/data.mdb", "other/results/h.pdf"],
    );
    await symlink("nowhere.pdf", space.path("dead.pdf"));
    const { code, stdout } = await cli(["ingest", ".", ...FAST]);
    expect(code).toBe(0);
    expect(space.emulator.jobs.map(({ fileName }) => fileName).sort()).toEqual(["a.pdf", "b.docx"]);
    expect(stdout).toContain("\nskipped:    5 files: .md 2, .txt 1, lock and system files 2\n");
    expect(stdout).toContain("\nleft out:   .git, node_modules, other (take with --include)\n");
    expect(stdout).toContain("\ndead links: dead.pdf\n");
    // The second run finds the state of the first.
    const again = await json("ingest", ".", ...FAST);
    expect(again).toMatchObject({
      sources: { total: 2, unchanged: 2 },
      skipped: {
        byEnding: { ".md": 2, ".txt": 1 },
        systemFiles: 2,
        leftOut: [".git", ".unsiloed", "node_modules", "other"],
        deadLinks: ["dead.pdf"],
        unmatchedPatterns: [],
      },
    });
    expect((await json("plan", ".")).skipped).toEqual(again.skipped);
    expect((await cli(["plan", "."])).stdout).toContain("skipped:    5 files: .md 2, .txt 1");
  });

  it("takes what --include and --exclude say, and warns of patterns that match nothing", async () => {
    const { json } = await open(
      "docs/a.pdf",
      "docs/b.docx",
      "docs/drafts/c.pdf",
      "more/d.pdf",
      "more/e.docx",
    );
    const patterns = ["--include", "*.pdf", "--include", "b.*", "--exclude", "drafts", "--exclude", "*.pfd"];
    const plan = await json("plan", "docs", "more", ...patterns);
    expect(plan.documents.map(({ doc_id }: { doc_id: string }) => doc_id)).toEqual([
      "docs/a.pdf",
      "docs/b.docx",
      "more/d.pdf",
    ]);
    expect(plan.stderr).toContain('note: the pattern "*.pfd" of --include or --exclude matches nothing');
    expect(plan.stderr).not.toContain("drafts");
    const report = await json("ingest", "docs", "more", ...patterns, ...FAST);
    expect(report).toMatchObject({ code: 0, sources: { succeeded: 3 } });
    const wrong = await space.cli(["ingest", "docs", "--include", "!a.pdf"]);
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.stderr).toContain("--include: a pattern has no leading !");
  });

  it("says what a directory holds where none of it can be parsed", async () => {
    const { cli } = await open("docs/a.txt");
    const { code, stdout } = await cli(["ingest", "docs"]);
    expect(code).toBe(1);
    expect(stdout).toContain(
      "FAILED docs [parse] FILE_NOT_FOUND: the directory holds no file that can be parsed",
    );
    expect(stdout).toContain("skipped:    1 file: .txt 1");
  });
});
