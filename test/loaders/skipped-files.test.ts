import { chmod, symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { UnsiloedFileLoader, type UnsiloedFileLoaderOptions } from "../../loaders/file-loader.js";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { filesNamed } from "../support/files-named.js";
import { API_KEY, collect, errorOf } from "../support/parse-service.js";

const search = async (named: string | string[], options: UnsiloedFileLoaderOptions = {}) => {
  const loader = new UnsiloedFileLoader(named, { apiKey: API_KEY, ...options });
  const sources = await collect(loader.sources());
  return { ids: sources.map(({ docId }) => docId), skipped: loader.skipped };
};

describe("what a directory holds beside documents", () => {
  it("is counted by ending", async () => {
    const directory = await filesNamed("a.pdf", "b.md", "sub/c.MD", "d.txt", "Makefile");
    const { ids, skipped } = await search(directory);
    expect(ids).toEqual(["a.pdf"]);
    expect(skipped.byEnding).toEqual({ ".md": 2, ".txt": 1, "": 1 });
  });

  it("is never submitted where programs left it, from a directory or a glob", async () => {
    const junk = ["~$lease.docx", "._a.pdf", ".DS_Store", "Thumbs.db", "desktop.ini", ".~lock.a.docx#"];
    const directory = await filesNamed("a.pdf", ...junk, "__MACOSX/._a.pdf", "__MACOSX/a.pdf");
    for (const named of [directory, `${directory}/*`, `${directory}/{.*,*}`]) {
      const { ids, skipped } = await search(named);
      expect(ids).toEqual(["a.pdf"]);
      expect(skipped.byEnding).toEqual({});
    }
    expect((await search(directory)).skipped.systemFiles).toBe(junk.length);
    const named = new UnsiloedFileLoader(path.join(directory, "~$lease.docx"), { apiKey: API_KEY });
    expect(await errorOf(named.load())).toMatchObject({
      code: "UNSUPPORTED_FILE",
      message: expect.stringContaining("~$lease.docx: a lock file or a file of the operating system"),
    });
  });

  it("is left out where it is hidden, of node_modules, or of the state of a run", async () => {
    const directory = await filesNamed(
      "a.pdf",
      ".hidden.pdf",
      ".git/b.pdf",
      "sub/node_modules/c.pdf",
      "state/ledger/data.mdb",
      "state/results/d.pdf",
      "vectors/unsiloed.lance/e.pdf",
    );
    const inside = (...names: string[]) => names.map((name) => path.join(directory, name));
    const { ids, skipped } = await search(directory);
    expect(ids).toEqual(["a.pdf"]);
    const leftOut = [".git", ".hidden.pdf", "state", "sub/node_modules", "vectors/unsiloed.lance"];
    expect(skipped.leftOut.sort()).toEqual(inside(...leftOut));
    const glob = await search(`${directory}/**/*.pdf`);
    expect(glob.ids).toEqual(["a.pdf"]);
    expect(glob.skipped.leftOut.sort()).toEqual(inside(...leftOut.filter((name) => name !== ".hidden.pdf")));
  });

  it("is found where it is asked for by name", async () => {
    const directory = await filesNamed("a.pdf", ".git/b.pdf", "x/node_modules/c.pdf", ".d.pdf");
    const include = async (...patterns: string[]) => (await search(directory, { include: patterns })).ids;
    expect(await include("*")).toEqual(["a.pdf"]);
    expect(await include("**")).toEqual(["a.pdf"]);
    expect(await include("node_modules")).toEqual(["x/node_modules/c.pdf"]);
    expect(await include("**", ".git/**/*.pdf")).toEqual([".git/b.pdf", "a.pdf"]);
    expect(await include(".*.pdf")).toEqual([".d.pdf"]);
    expect((await search(path.join(directory, ".git"))).ids).toEqual([".git/b.pdf"]);
    expect((await search(`${directory}/x/node_modules/*.pdf`)).ids).toEqual(["x/node_modules/c.pdf"]);
    expect((await search(`${directory}/*/node_modules/*`)).ids).toEqual(["x/node_modules/c.pdf"]);
  });

  it("is named where links lead nowhere, and links in circles end", async () => {
    const directory = await filesNamed("a.pdf", "sub/b.pdf");
    await symlink(path.join(directory, "none.pdf"), path.join(directory, "dead.pdf"));
    await symlink(path.join(directory, "self"), path.join(directory, "self"));
    await symlink(directory, path.join(directory, "sub/up"));
    await symlink(path.join(directory, "sub"), path.join(directory, "again"));
    const { ids, skipped } = await search(directory);
    expect(ids).toEqual(["a.pdf", "sub/b.pdf"]);
    expect(skipped.deadLinks.sort()).toEqual(["dead.pdf", "self"].map((name) => path.join(directory, name)));
  });

  it.skipIf(process.getuid?.() === 0)("fails where a directory cannot be read", async () => {
    const directory = await filesNamed("a.pdf", "locked/b.pdf");
    await chmod(path.join(directory, "locked"), 0);
    const loader = new UnsiloedFileLoader(directory, { apiKey: API_KEY });
    expect(await errorOf(loader.load())).toMatchObject({ code: "FILE_NOT_FOUND" });
  });

  it("is passed over for saved results too", async () => {
    const directory = await filesNamed("a.json", "node_modules/b.json", "c.txt");
    const loader = new UnsiloedResultLoader(directory);
    expect((await collect(loader.sources())).map(({ docId }) => docId)).toEqual(["a.json"]);
    expect(loader.skipped).toMatchObject({
      byEnding: { ".txt": 1 },
      leftOut: [path.join(directory, "node_modules")],
    });
  });
});

describe("patterns of include and exclude", () => {
  const files = ["a.pdf", "b.docx", "drafts/c.pdf", "old/drafts/d.pdf", "old/e.PDF", "old/f.docx"];

  it.each([
    [{ include: ["*.pdf"] }, ["a.pdf", "drafts/c.pdf", "old/drafts/d.pdf", "old/e.PDF"]],
    [{ exclude: ["*.docx"] }, ["a.pdf", "drafts/c.pdf", "old/drafts/d.pdf", "old/e.PDF"]],
    [{ exclude: ["drafts"] }, ["a.pdf", "b.docx", "old/e.PDF", "old/f.docx"]],
    [{ exclude: ["/drafts"] }, ["a.pdf", "b.docx", "old/drafts/d.pdf", "old/e.PDF", "old/f.docx"]],
    [{ exclude: ["old/drafts/"] }, ["a.pdf", "b.docx", "drafts/c.pdf", "old/e.PDF", "old/f.docx"]],
    [{ exclude: ["a.pdf/"] }, [...files]],
    [{ include: ["old/*.pdf", "b.*"] }, ["b.docx", "old/e.PDF"]],
    [{ include: ["old/**"], exclude: ["*.docx", "drafts/**"] }, ["old/drafts/d.pdf", "old/e.PDF"]],
    [{ include: ["old"], exclude: ["**/drafts/**"] }, ["old/e.PDF", "old/f.docx"]],
  ])("%j take from a directory what a .gitignore would match", async (options, expected) => {
    expect((await search(await filesNamed(...files), options)).ids).toEqual(expected);
  });

  it("hold for globs, and not for files that are named", async () => {
    const directory = await filesNamed(...files);
    expect((await search(`${directory}/*`, { exclude: ["*.docx"] })).ids).toEqual(["a.pdf"]);
    expect((await search(path.join(directory, "b.docx"), { include: ["*.pdf"] })).ids).toEqual(["b.docx"]);
  });

  it("that match nothing are known", async () => {
    const directory = await filesNamed(...files);
    const options = { include: ["*.pdf", "*.pfd"], exclude: ["drafts", "darfts"] };
    expect((await search([directory], options)).skipped.unmatchedPatterns).toEqual(["*.pfd", "darfts"]);
  });

  it("that cannot be meant are refused", () => {
    const make = (include: string) => () =>
      new UnsiloedFileLoader("a", { apiKey: API_KEY, include: [include] });
    expect(make("!*.pdf")).toThrow(/include\[?\.?0\]?: a pattern has no leading !/);
    expect(make(" ")).toThrow(/include.*expected a pattern such as \*\.pdf/);
    expect(make("!(a|b).pdf")).not.toThrow();
  });

  it("that leave nothing over make the directory fail, saying why", async () => {
    const directory = await filesNamed("a.pdf");
    const loader = new UnsiloedFileLoader(directory, { apiKey: API_KEY, include: ["*.tiff"] });
    expect((await errorOf(loader.load())).message).toContain(
      "the directory holds no file that can be parsed and that include and exclude take",
    );
  });
});
