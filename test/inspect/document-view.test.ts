import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { PageView } from "../../src/inspect/contract.js";
import { advance } from "../../src/ledger/record.js";
import { describeInBrowser, startChromium } from "../support/chromium.js";
import { drawnPdf, linesResult } from "../support/inspect/drawn-pdf.js";
import { InspectedFiles } from "../support/inspect/inspected.js";
import { readReport } from "../support/parse-service.js";

const REPORT = "reports/annual.pdf";
const SCAN = "scan.png";
const SHORT = "short.pdf";
const LONG = "long.pdf";
const NOW = Date.UTC(2030, 0, 1);

/** A picture of one white pixel. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=",
  "base64",
);

describeInBrowser("a document on the page of inspect", () => {
  let browser: Browser;
  let files: InspectedFiles;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    browser = await startChromium();
    const report = await readReport();
    files = await InspectedFiles.open([
      { name: REPORT, result: report },
      { name: SCAN, result: linesResult(1), bytes: PIXEL },
      { name: SHORT, result: linesResult(1), bytes: drawnPdf(linesResult(1)) },
      { name: LONG, result: linesResult(500), bytes: drawnPdf(linesResult(500)) },
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await files.close();
  });

  beforeEach(async () => {
    problems = [];
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
    });
  });

  afterEach(async () => {
    await page.close();
    expect(problems).toEqual([]);
  });

  const split = (name: RegExp) => page.getByRole("button", { name }).first();
  const details = () => page.getByRole("region", { name: "Details" });

  it("opens a PDF file of 500 pages with few requests, and draws only pages near the view", async () => {
    const opened = async (doc: string) => {
      await page.goto(files.inspector.url);
      let requests = 0;
      const count = () => requests++;
      page.on("request", count);
      const begun = performance.now();
      await page.goto(files.addressOf(doc));
      await page.locator(".sheet canvas").first().waitFor();
      await split(/^Split 0, Text, exact boxes/).waitFor();
      page.off("request", count);
      return { requests, ms: Math.round(performance.now() - begun) };
    };
    const short = await opened(SHORT);
    const long = await opened(LONG);
    // Pages near the view, their thumbnails, and parts of the file. The time says as much of the machine.
    expect(long.requests, `${long.ms} ms, and ${short.ms} ms for one page`).toBeLessThan(short.requests + 24);
    const sheets = page.locator(".sheet");
    const thumbnails = page.locator(".thumbnail");
    for (const to of [0.2, 0.5, 0.9, 1]) {
      await page.locator(".sheets").evaluate((element, share) => {
        element.scrollTop = element.scrollHeight * share;
      }, to);
      await page.locator(".sheet canvas").first().waitFor();
      expect(await sheets.count()).toBeLessThan(8);
      expect(await thumbnails.count()).toBeLessThan(24);
      expect(await page.locator("canvas").count()).toBeLessThan(32);
    }
    await page.waitForURL(/page=500/);
    expect(await page.getByRole("region", { name: "Page 500", exact: true }).count()).toBe(1);
  });

  it("shows a picture as it is, and draws the page from its words where there is no file to show", async () => {
    await page.goto(files.addressOf(SCAN));
    await page.locator(".sheet img.canvas").waitFor();
    expect(await page.locator(".sheet .words text").count()).toBe(0);
    await page.goto(files.addressOf(REPORT));
    await page.getByText("The file cannot be shown", { exact: false }).waitFor();
    await page.locator(".sheet .words text", { hasText: "Aurora" }).first().waitFor();
  });

  it("zooms with buttons, keys and the wheel, and fits the width again", async () => {
    await page.goto(files.addressOf(SCAN));
    const zoom = page.getByLabel("Zoom", { exact: true });
    const shown = async () => Number.parseInt((await zoom.textContent()) ?? "", 10);
    await split(/^Split 0/).waitFor();
    const fit = await shown();
    await page.getByRole("button", { name: "Zoom in" }).click();
    await expect.poll(shown).toBeGreaterThan(fit);
    await page.keyboard.press("-");
    await page.keyboard.press("-");
    await expect.poll(shown).toBeLessThan(fit);
    await page.keyboard.press("0");
    await expect.poll(shown).toBe(fit);
    const box = split(/^Split 0/);
    const before = await box.boundingBox();
    await page.mouse.move((before?.x ?? 0) + 5, (before?.y ?? 0) + 5);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -120);
    await page.keyboard.up("Control");
    await expect.poll(shown).toBeGreaterThan(fit);
    const after = await box.boundingBox();
    expect(Math.abs((after?.x ?? 0) - (before?.x ?? 0)), "what is under the pointer stays").toBeLessThan(8);
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(8);
  });

  it("moves with the keyboard from box to box and from page to page, and lists the keys", async () => {
    await page.goto(files.addressOf(REPORT));
    await split(/^Split 0/).waitFor();
    await page.keyboard.press("j");
    await page.waitForURL(/select=split/);
    await page.keyboard.press("j");
    await details().getByRole("heading", { name: "Split 1" }).waitFor();
    await page.keyboard.press("k");
    await details().getByRole("heading", { name: "Split 0" }).waitFor();
    await page.keyboard.press("Escape");
    await details().getByText("Choose a box").waitFor();
    await page.keyboard.press("ArrowRight");
    await page.waitForURL(/page=2/);
    await page.getByRole("heading", { name: "Page 2" }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("switches layers: segments, splits, rows, captions, reading order, words", async () => {
    await page.goto(files.addressOf(REPORT, 5));
    const sheet = page.getByRole("region", { name: "Page 5", exact: true });
    await sheet.locator(".split").first().waitFor();
    const { captions, segmentViews } = (await files.get("page", { doc: REPORT, page: 5 })) as PageView;
    expect(captions).toHaveLength(2);
    expect(await sheet.locator(".joins path").count()).toBe(captions.length);
    expect(await sheet.locator(".rows .header").count()).toBe(1);
    expect(await sheet.getByText(/^rows 1–\d+$/).count()).toBe(1);
    await page.getByLabel("Order").check();
    expect(await sheet.locator(".order text").allTextContents()).toEqual(
      segmentViews.map(({ index }) => String(index)),
    );
    for (const [name, drawn] of [
      ["Segments", ".segment"],
      ["Splits", ".split"],
      ["Rows", ".rows"],
      ["Captions", ".joins"],
      ["Order", ".order"],
    ] as const) {
      await page.getByLabel(name, { exact: true }).uncheck();
      expect(await sheet.locator(drawn).count()).toBe(0);
    }
  });

  it("tells exact boxes from approximate ones, and marks what was left out or is doubtful", async () => {
    await page.goto(files.addressOf(REPORT, 1));
    const leftOut = page.getByRole("button", {
      name: /^Segment 0, PageHeader ⚠ 43 %, left out: page header/,
    });
    await leftOut.waitFor();
    expect(await leftOut.textContent()).toContain("⚠ 43 %");
    const dashes = (name: RegExp) =>
      split(name).evaluate((box) =>
        box.firstElementChild?.computedStyleMap().get("stroke-dasharray")?.toString(),
      );
    expect(await dashes(/^Split \d+, Text, exact/)).toBe("none");
    await page.goto(files.addressOf(REPORT, 2));
    expect(await dashes(/^Split \d+, \w+, approximate/)).not.toBe("none");
    const legend = page.getByRole("list", { name: "Legend" });
    expect(await legend.textContent()).toMatch(/Picture 1.*exact.*approximate.*left out/s);
  });

  it("shows the text of a box that is clicked, and the box of a text that is clicked", async () => {
    await page.goto(files.addressOf(REPORT, 1));
    await split(/^Split 3, /).click();
    const line = page.getByRole("list").getByRole("button", { name: /^3 ?Text/ });
    await expect.poll(() => line.getAttribute("aria-pressed")).toBe("true");
    await details().getByText("What word search sees").waitFor();
    expect(await details().textContent()).toMatch(/Tokens\d+BoxesexactSection.*Financial review/s);
    await page.getByRole("button", { name: /^Segments \d+/ }).click();
    await page
      .getByRole("list")
      .getByRole("button", { name: /^20 ?PageFooter/ })
      .click();
    const footer = page.getByRole("button", { name: /^Segment 20, PageFooter/ });
    await expect.poll(() => footer.getAttribute("aria-pressed")).toBe("true");
    await expect
      .poll(async () => (await footer.boundingBox())?.y ?? 0, { message: "scrolled into view" })
      .toBeLessThan(900);
    await details().getByText("Raw segment").click();
    expect(await details().textContent()).toContain('"segment_type": "PageFooter"');
  });

  it("opens the place that an address names, on another page of a document that is open already", async () => {
    await page.goto(files.addressOf(REPORT, 1));
    await split(/^Split 0/).waitFor();
    await page.goto(`${files.addressOf(REPORT, 5)}&select=segment:47`);
    await details().getByRole("heading", { name: "Segment 47" }).waitFor();
    const selected = page.getByRole("button", { name: /^Segment 47,/ });
    await expect.poll(() => selected.getAttribute("aria-pressed")).toBe("true");
    const box = await selected.boundingBox();
    expect(box?.y).toBeGreaterThan(0);
    expect(box?.y).toBeLessThan(900);
  });

  it("follows a run: a document that is stored while it is looked at shows its state and its pages again", async () => {
    const record = await files.ledger.get(REPORT);
    if (!record) throw new Error("expected a record");
    await page.goto(`${files.addressOf(REPORT, 5)}&select=segment:47`);
    const heading = page.getByRole("heading", { level: 1 });
    await heading.getByText("stored", { exact: true }).waitFor();
    await details().getByRole("heading", { name: "Segment 47" }).waitFor();
    const error = { stage: "embed", code: "EMBEDDINGS_FAILED", message: "the model is away" } as const;
    await files.ledger.put(advance(record, { state: "failed", last_error: error }, NOW));
    await heading.getByText("failed", { exact: true }).waitFor();
    await page.getByText("the model is away", { exact: false }).waitFor();
    await files.ledger.put(record);
    await heading.getByText("stored", { exact: true }).waitFor();
    await details().getByRole("heading", { name: "Segment 47" }).waitFor();
    expect(page.url()).toContain("page=5");
  });
});
