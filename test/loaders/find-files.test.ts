import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { type FileSource, UnsiloedFileLoader } from "../../loaders/file-loader.js";
import { filesNamed } from "../support/files-named.js";
import { API_KEY, collect, errorOf, openService, pdf } from "../support/parse-service.js";

describe("the files that are found", () => {
  const idsOf = async (sources: FileSource | FileSource[], options = {}) =>
    (await collect(new UnsiloedFileLoader(sources, { apiKey: API_KEY, ...options }).sources())).map(
      ({ docId }) => docId,
    );

  let directory: string;
  beforeEach(async () => {
    directory = await filesNamed(
      "b.PDF",
      "a.docx",
      "notes.txt",
      ".hidden.pdf",
      ".git/c.pdf",
      "sub/deep/z.tiff",
      "sub/report [final].pdf",
    );
  });

  it("in a directory are all that can be parsed, sorted, except hidden ones", async () => {
    expect(await idsOf(directory)).toEqual(["a.docx", "b.PDF", "sub/deep/z.tiff", "sub/report [final].pdf"]);
  });

  it.skipIf(path.sep === "\\")("of a glob may be in a directory whose name is escaped", async () => {
    await mkdir(path.join(directory, "a[1]"));
    await writeFile(path.join(directory, "a[1]/c.pdf"), "%PDF-1.7");
    expect(await idsOf(`${directory}/a\\[1\\]/*.pdf`)).toEqual(["a[1]/c.pdf"]);
  });

  it("of a glob are the matches that can be parsed", async () => {
    const inside = (pattern: string) => `${directory}/${pattern}`;
    expect(await idsOf(inside("*"))).toEqual(["a.docx", "b.PDF"]);
    expect(await idsOf(inside("**/*.{pdf,tiff}"))).toEqual([
      "b.PDF",
      "sub/deep/z.tiff",
      "sub/report [final].pdf",
    ]);
  });

  it("may have names that look like patterns", async () => {
    expect(await idsOf(path.join(directory, "sub/report [final].pdf"))).toEqual(["sub/report [final].pdf"]);
  });

  it("may be given as file URLs", async () => {
    const url = pathToFileURL(path.join(directory, "b.PDF"));
    expect(await idsOf([url, url.href])).toEqual(["b.PDF"]);
  });

  it("are read once when they are found twice", async () => {
    const sources = [
      path.join(directory, "b.PDF"),
      directory,
      `${directory}/sub/../b.PDF`,
      `${directory}/*.PDF`,
    ];
    expect(await idsOf(sources)).toEqual(["b.PDF", "a.docx", "sub/deep/z.tiff", "sub/report [final].pdf"]);
  });

  it("are read once when a link leads to them too, even in a cycle", async () => {
    await symlink(directory, path.join(directory, "sub/loop"));
    await symlink(path.join(directory, "b.PDF"), path.join(directory, "c.pdf"));
    expect(await idsOf(directory)).toEqual(["a.docx", "b.PDF", "sub/deep/z.tiff", "sub/report [final].pdf"]);
  });

  it("are read once where a link has another name than the file that is passed over", async () => {
    await symlink(path.join(directory, "b.PDF"), path.join(directory, "sub/b.pdf"));
    await symlink(path.join(directory, ".hidden.pdf"), path.join(directory, "shown.pdf"));
    await symlink(path.join(directory, ".hidden.pdf"), path.join(directory, "sub/shown.pdf"));
    expect(await idsOf(`${directory}/**/*.pdf`)).toEqual(["b.PDF", "sub/report [final].pdf", "shown.pdf"]);
    expect(await idsOf(`${directory}/sub`)).toEqual([
      "sub/deep/z.tiff",
      "sub/report [final].pdf",
      "sub/b.pdf",
      "sub/shown.pdf",
    ]);
  });

  it("are found as they are needed, so that a directory of any size is never in memory", async () => {
    const many = await filesNamed(...Array.from({ length: 200 }, (_, n) => `a/${n}.pdf`), "z/last.pdf");
    const sources = new UnsiloedFileLoader(many, { apiKey: API_KEY }).sources();
    await sources.next();
    await writeFile(path.join(many, "z/late.pdf"), "%PDF-1.7");
    const others = await collect(sources);
    expect(others).toHaveLength(201);
    expect(others.at(-1)?.docId).toMatch(/z\/late\.pdf$/);
  });

  it("are checked before any payment", async () => {
    await writeFile(path.join(directory, "empty.pdf"), "");
    const good = path.join(directory, "b.PDF");
    for (const [name, code, message] of [
      ["none.pdf", "FILE_NOT_FOUND", "none.pdf: no such file or directory"],
      ["none/*.pdf", "FILE_NOT_FOUND", "none/*.pdf: matches no file"],
      ["*.txt", "FILE_NOT_FOUND", "*.txt: no match is a file that can be parsed"],
      ["notes.txt", "UNSUPPORTED_FILE", "notes.txt: files of type .txt cannot be parsed; expected pdf, png"],
      ["empty.pdf", "UNSUPPORTED_FILE", "empty.pdf: the file is empty (0 bytes)"],
    ] as const) {
      const { emulator, options } = await openService();
      const named = path.join(directory, name);
      const loader = new UnsiloedFileLoader([good, named], options);
      for (const load of [() => loader.load(), () => collect(loader.lazyLoad())]) {
        const error = await errorOf(load());
        expect(error).toMatchObject({ code, context: { source: named } });
        expect(error.message).toContain(message);
      }
      expect(emulator.requests).toHaveLength(0);
      const skipping = new UnsiloedFileLoader([good, named], { ...options, onError: "skip" });
      expect(await skipping.load()).toHaveLength(2);
      expect(skipping.failures).toMatchObject([{ source: named, error: { code } }]);
    }
  });

  it("cannot be none: a directory without files is a failure", async () => {
    await mkdir(path.join(directory, "bare"));
    const loader = new UnsiloedFileLoader(path.join(directory, "bare"), { apiKey: API_KEY });
    const error = await errorOf(loader.load());
    expect(error.code).toBe("FILE_NOT_FOUND");
    expect(error.message).toContain(
      "bare: the directory holds no file that can be parsed; expected pdf, png",
    );
  });

  it("that do not exist fail as separate sources when they are read", async () => {
    const [source] = await collect(new UnsiloedFileLoader("none.pdf", { apiKey: API_KEY }).sources());
    expect(source).toMatchObject({ source: "none.pdf", docId: "none.pdf" });
    expect((await errorOf(collect(source?.read() ?? (async function* () {})()))).code).toBe("FILE_NOT_FOUND");
  });

  it("need different ids", async () => {
    const conflict = await errorOf(idsOf([pdf("same.pdf"), pdf("same.pdf")]));
    expect(conflict).toMatchObject({ code: "INVALID_OPTION" });
    expect(conflict.message).toContain('docId: "same.pdf" stands for both same.pdf and same.pdf');
    expect((await errorOf(idsOf(directory, { docId: "one" }))).message).toContain("4 were given");
    expect(await idsOf(path.join(directory, "b.PDF"), { docId: "handbook" })).toEqual(["handbook"]);
    expect(await idsOf(`${directory}/*`, { docId: (source: string) => path.extname(source) })).toEqual([
      ".docx",
      ".PDF",
    ]);
  });

  it("cannot be other kinds of values", () => {
    const build = (source: unknown) => () =>
      new UnsiloedFileLoader(source as FileSource, { apiKey: API_KEY });
    expect(build(new Blob(["x"]))).toThrow("got a Blob without a name");
    expect(build(" ")).toThrow('got " "');
    expect(build("https://[bad")).toThrow('got "https://[bad"');
    expect(build(null)).toThrow("got null");
    expect(build(new URL("ftp://a.example/b.pdf"))).toThrow("got a URL with ftp:");
    expect(build({ data: "text", name: "a.pdf" })).toThrow("got object");
    const typo = () =>
      new UnsiloedFileLoader("a.pdf", { apiKey: API_KEY, parse: { merge_table: true } as object });
    expect(typo).toThrow("UnsiloedFileLoader: parse: unknown option merge_table");
  });
});
