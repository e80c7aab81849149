import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, startChromium } from "../support/chromium.js";
import { InspectedFiles } from "../support/inspect/inspected.js";
import { readReport } from "../support/parse-service.js";

const DOC = "reports/annual.pdf";

describeInBrowser("the page of inspect", () => {
  let browser: Browser;
  let files: InspectedFiles;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await startChromium();
    files = await InspectedFiles.open([{ name: DOC, result: await readReport() }]);
    page = await browser.newPage();
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
    });
  });

  afterAll(async () => {
    await browser.close();
    await files.close();
  });

  it("lists the documents, opens one, and shows the text of a box that is clicked", async () => {
    await page.goto(files.inspector.url);
    const row = page.getByRole("row", { name: DOC });
    expect(await row.textContent()).toContain("stored");
    await page.getByRole("link", { name: DOC }).click();
    await page.getByRole("button", { name: /^Page 2\b/ }).click();
    await page.getByRole("button", { name: /^Split \d+, Text, exact boxes: .*Cells degrade/s }).click();
    const details = page.getByRole("region", { name: "Details" });
    await details.getByText("What is embedded").waitFor();
    expect(await details.textContent()).toContain("Cells degrade with every cycle.");
    expect(await details.textContent()).toMatch(/Tokens\d+Boxesexact/);
  });

  it("loads nothing from elsewhere and reports no problem", async () => {
    const requested: string[] = [];
    page.on("request", (request) => requested.push(request.url()));
    await page.goto(files.addressOf(DOC, 3));
    await page.reload();
    await page
      .getByRole("button", { name: /^Split \d+, Table/ })
      .first()
      .waitFor();
    expect(requested.length).toBeGreaterThan(3);
    expect(requested.filter((url) => !url.startsWith(files.inspector.url))).toEqual([]);
    expect(problems).toEqual([]);
  });
});
