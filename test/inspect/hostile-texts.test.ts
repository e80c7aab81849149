import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, startChromium } from "../support/chromium.js";
import { InspectedFiles } from "../support/inspect/inspected.js";

const SCRIPT = "<script>document.title='pwned'</script>";
const IMAGE = `<img src=x onerror="document.title='pwned'">`;
const NAME = `"><img src=x onerror=document.title='pwned'>.pdf`;
const TEXTS = [
  SCRIPT,
  IMAGE,
  "javascript:document.title='pwned'",
  "{{7*7}} &lt;b&gt;",
  "\u202Eright to left",
];

const segmentOf = (segment_type: string, content: string, index: number, html?: string) => ({
  segment_id: `s${index}`,
  segment_type,
  content,
  ...(html !== undefined && { html }),
  page_number: 1,
  page_width: 1000,
  page_height: 1400,
  bbox: { left: 100, top: 40 + index * 100, width: 800, height: 60 },
  ocr: [{ text: content, bbox: { left: 0, top: 0, width: 700, height: 40 }, confidence: 0.9 }],
});

const segments = [
  segmentOf("Title", `Report ${SCRIPT}`, 0),
  ...TEXTS.map((text, index) => segmentOf("Text", `Row ${index}: ${text}`, index + 1)),
  segmentOf(
    "Table",
    "table",
    7,
    `<table><tr><th>Name</th></tr><tr><td>${IMAGE.replaceAll("<", "&lt;")}</td></tr><tr><td>${SCRIPT}</td></tr></table>`,
  ),
];

describeInBrowser("HTML and scripts in names and texts", () => {
  let browser: Browser;
  let files: InspectedFiles;
  beforeAll(async () => {
    browser = await startChromium();
    files = await InspectedFiles.open([{ name: NAME, result: { chunks: [{ segments }] } }]);
  });
  afterAll(async () => {
    await browser.close();
    await files.close();
  });

  it("are shown as they are, and run nowhere", async () => {
    const page = await browser.newPage();
    const blocked: string[] = [];
    page.on("console", (message) => blocked.push(message.text()));
    page.on("dialog", (dialog) => void dialog.dismiss());
    await page.goto(files.inspector.url);
    await page.getByRole("link", { name: NAME }).click();
    const details = page.getByRole("region", { name: "Details" });
    for (const [index, text] of TEXTS.slice(0, 4).entries()) {
      await page.getByRole("button", { name: new RegExp(`^Segment \\d+, Text.*: Row ${index}:`) }).focus();
      await page.keyboard.press("Enter");
      await details.getByRole("heading", { name: `Segment ${index + 1}` }).waitFor();
      const raw = await details.textContent();
      expect(raw).toContain(`Row ${index}:`);
      if (!/[<&]/.test(text)) expect(raw).toContain(text);
    }
    await page
      .getByRole("button", { name: /^Split \d+, Table/ })
      .first()
      .focus();
    await page.keyboard.press("Enter");
    await details.getByText("What is embedded").waitFor();
    expect(await page.title()).not.toContain("pwned");
    expect(await page.locator("main img[src=x], main script").count()).toBe(0);
    // The policy had nothing to stop: no text became an element.
    expect(blocked).toEqual([]);
  });
});
