import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DocumentList } from "../../src/inspect/contract.js";
import { advance, newRecord } from "../../src/ledger/record.js";
import { describeInBrowser, skipsBrowser, startChromium } from "../support/chromium.js";
import { InspectedFiles } from "../support/inspect/inspected.js";
import { readReport } from "../support/parse-service.js";

const DOCUMENTS = 10_000;
const NOW = Date.UTC(2026, 0, 1);

const nameOf = (index: number): string => `archive/report-${String(index).padStart(5, "0")}.pdf`;

/** A record of each state in turn, most of them stored. */
const recordOf = (index: number) => {
  const docId = nameOf(index);
  const begun = newRecord({ docId, source: docId }, { state: "submitted", job_id: `job-${index}` }, NOW);
  if (index % 100 === 0)
    return advance(
      begun,
      {
        state: "failed",
        last_error: { stage: "parse", code: "JOB_FAILED", message: "page 3 is unreadable" },
      },
      NOW,
    );
  const segments = { total: 9, stored: 7, filtered: { page_header: 2 }, flagged: {} };
  return advance(begun, { state: "stored", version: "v", segments, point_ids: ["p"] }, NOW);
};

describe("the list of documents", () => {
  let files: InspectedFiles;
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (!skipsBrowser) browser = await startChromium();
    files = await InspectedFiles.open([{ name: "annual.pdf", result: await readReport() }]);
    for (let index = 1; index < DOCUMENTS; index++) await files.ledger.put(recordOf(index));
  });
  afterAll(async () => {
    await browser?.close();
    await files.close();
  });

  const list = (query: Record<string, string | number> = {}): Promise<DocumentList> =>
    files.get("documents", query);

  it("counts 10,000 documents and returns a part of them, in order", async () => {
    const { total, matched, standings, documents } = await list();
    expect({ total, matched }).toEqual({ total: DOCUMENTS, matched: DOCUMENTS });
    expect(standings).toEqual({ stored: 9_901, failed: 99 });
    expect(documents).toHaveLength(100);
    const { documents: last } = await list({ offset: 9_950, limit: 500 });
    expect(last.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, index) => nameOf(9_950 + index)));
  });

  it("finds documents by a part of their name and by state", async () => {
    expect((await list({ search: "REPORT-0777" })).matched).toBe(10);
    const failed = await list({ search: "report-00", standing: "failed" });
    expect(failed.documents.map(({ id }) => id)).toEqual(
      [100, 200, 300, 400, 500, 600, 700, 800, 900].map(nameOf),
    );
    expect(failed.documents[0]).toMatchObject({
      standing: "failed",
      error: { stage: "parse", code: "JOB_FAILED", message: "page 3 is unreadable" },
    });
    const [own] = (await list({ search: "annual" })).documents;
    expect(own).toMatchObject({ id: "annual.pdf", standing: "stored", segments: { total: 54 } });
  });

  it("refuses a state that there is not, and a limit that is too high", async () => {
    for (const query of [{ standing: "done" }, { limit: 501 }, { offset: -1 }, { page: 2 }])
      expect(await list(query)).toMatchObject({ error: { code: "INVALID_OPTION" } });
  });

  describeInBrowser("in a browser", () => {
    let page: Page;
    const openPage = async (): Promise<Page> => {
      if (!browser) throw new Error("expected a browser");
      return browser.newPage();
    };

    it("shows the first of 10,000 documents, and leads to all others by keyboard", async () => {
      page = await openPage();
      await page.goto(files.inspector.url);
      const rows = page.getByRole("rowheader");
      const status = page.getByRole("status");
      await rows.first().waitFor();
      expect(await rows.count()).toBe(100);
      expect(await status.textContent()).toBe("10000 of 10000 documents, 1 to 100 shown");
      await page.getByRole("link", { name: "Next" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("link", { name: nameOf(100) }).waitFor();
      expect(await status.textContent()).toBe("10000 of 10000 documents, 101 to 200 shown");
      await page.keyboard.press("Enter");
      await page.getByRole("link", { name: nameOf(200) }).waitFor();
      await page.getByRole("link", { name: "Last" }).click();
      await page.getByRole("link", { name: nameOf(9_999) }).waitFor();
      expect(await rows.count()).toBe(100);
      await page.reload();
      await page.getByRole("link", { name: nameOf(9_999) }).waitFor();
      await page.goBack();
      await page.getByRole("link", { name: nameOf(200) }).waitFor();
    });

    it("shows the last part of a list that has become shorter", async () => {
      await page.goto(`${files.inspector.url}#/documents?search=report-0777&page=7`);
      await page.getByRole("link", { name: nameOf(7_770) }).waitFor();
      await page.waitForURL((url) => !url.hash.includes("page="));
      await page.getByRole("searchbox", { name: "Name" }).fill("");
      await page.getByRole("link", { name: "Next" }).waitFor();
    });

    it("searches while letters are typed, and keeps the search in its address", async () => {
      await page.getByRole("searchbox", { name: "Name" }).pressSequentially("report-09876");
      await expect.poll(() => page.getByRole("rowheader").allTextContents()).toEqual([nameOf(9_876)]);
      await page.reload();
      await expect.poll(() => page.getByRole("rowheader").allTextContents()).toEqual([nameOf(9_876)]);
      await page.getByRole("searchbox", { name: "Name" }).fill("no such");
      await page.getByText("No document has this name and state.").waitFor();
    });

    it("follows a run that is under way", async () => {
      await page.getByRole("searchbox", { name: "Name" }).fill("new/lease.pdf");
      const named = { docId: "new/lease.pdf", source: "new/lease.pdf" };
      const submitted = newRecord(named, { state: "submitted", job_id: "job" }, NOW);
      await files.ledger.put(submitted);
      const row = page.getByRole("row", { name: "new/lease.pdf" });
      await row.getByText("unfinished").waitFor();
      await files.ledger.put(
        advance(submitted, { state: "stored", version: "v", point_ids: ["a", "b", "c"] }, NOW + 1),
      );
      await row.getByText("stored", { exact: true }).waitFor();
      expect(await row.getByRole("cell").last().textContent()).toBe("3");
    });
  });
});
