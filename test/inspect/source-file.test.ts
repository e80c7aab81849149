import { appendFile, rename, truncate } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DocumentView } from "../../src/inspect/contract.js";
import { drawnPdf, linesResult } from "../support/inspect/drawn-pdf.js";
import { InspectedFiles } from "../support/inspect/inspected.js";

const DOC = "lease.pdf";

describe("the source file of a document that is open", () => {
  let files: InspectedFiles;
  beforeAll(async () => {
    files = await InspectedFiles.open([
      { name: DOC, result: linesResult(2), bytes: drawnPdf(linesResult(2)) },
      { name: "notes.html", result: linesResult(1) },
    ]);
  });
  afterAll(() => files.close());

  const view = async () => (await files.get<DocumentView>("document", { doc: DOC })).source;
  const send = (doc = DOC) => fetch(`${files.inspector.url}api/source?${new URLSearchParams({ doc })}`);

  it("is looked at each time: changed, cut short, gone and back again", async () => {
    const file = path.join(files.directory, "docs", DOC);
    const first = await view();
    expect(first).toMatchObject({ kind: "pdf", note: null });
    expect((await (await send()).arrayBuffer()).byteLength).toBe(first.bytes);

    await appendFile(file, "\n");
    expect(await view()).toMatchObject({
      bytes: (first.bytes ?? 0) + 1,
      note: expect.stringContaining("changed"),
    });
    await truncate(file, 100);
    expect(await view()).toMatchObject({ bytes: 100, note: expect.stringContaining("changed") });
    expect((await (await send()).arrayBuffer()).byteLength).toBe(100);

    await rename(file, `${file}.away`);
    expect(await view()).toMatchObject({ kind: "none", note: expect.stringContaining("no longer there") });
    const gone = await send();
    expect([gone.status, await gone.text()]).toEqual([404, expect.stringContaining("no longer there")]);
    await rename(`${file}.away`, file);
    expect(await view()).toMatchObject({ kind: "pdf", bytes: 100 });
  });

  it("is not sent where browsers do not show it", async () => {
    expect((await send("notes.html")).status).toBe(404);
  });
});
