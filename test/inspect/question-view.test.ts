import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { DocumentReport, QuestionAnswer } from "../../src/inspect/contract.js";
import { describeInBrowser, startChromium } from "../support/chromium.js";
import { InspectedFiles } from "../support/inspect/inspected.js";
import { readReport } from "../support/parse-service.js";

const DOC = "reports/annual.pdf";
const QUESTION = "How much usable energy did the fleet lose?";

describeInBrowser("questions and reports on the page of inspect", () => {
  let browser: Browser;
  let files: InspectedFiles;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    browser = await startChromium();
    const result = await readReport();
    files = await InspectedFiles.open([
      { name: DOC, result },
      { name: "reports/copy.pdf", result },
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

  it("asks in two modes side by side, with the place of each hit in both lists, and opens a hit on its page", async () => {
    await page.goto(files.inspector.url);
    await page.getByRole("link", { name: "Question" }).click();
    await page.getByLabel("Question", { exact: true }).fill(QUESTION);
    await page.getByRole("combobox", { name: "Mode" }).selectOption("text");
    await page.getByLabel("Side by side with").selectOption("dense");
    await page.getByText("Filters").click();
    await page.getByLabel("Documents, one a line").fill(DOC);
    await page.getByRole("button", { name: "Ask" }).click();
    for (const mode of ["text", "dense"] as const) {
      const answer = (await files.post("question", {
        question: QUESTION,
        mode,
        filter: { docIds: [DOC] },
      })) as QuestionAnswer;
      const column = page.getByRole("region", { name: `Hits, ${mode}` });
      await column.waitFor();
      const hits = column.locator("li.hit");
      await hits.first().locator(".bar-of-word").first().waitFor({ state: "attached" });
      expect(await hits.count()).toBe(answer.hits.length);
      const [hit] = answer.hits;
      const first = (await hits.first().textContent()) ?? "";
      expect(first).toContain(`${DOC}, page ${hit?.page}`);
      expect(first).toContain(hit?.text);
      const place = mode === "text" ? hit?.words : hit?.dense;
      expect(first).toContain(`${place?.rank} (${place?.score.toPrecision(3)})`);
      expect(await hits.first().locator(".hit-box").count()).toBeGreaterThan(0);
    }
    const first = page.getByRole("region", { name: "Hits, text" }).locator("li.hit").first();
    await first.getByRole("link").first().click();
    await page
      .getByRole("button", { pressed: true, name: /^Split \d+, / })
      .first()
      .waitFor();
    await page.goBack();
    await page.getByRole("region", { name: "Hits, dense" }).waitFor();
    expect(await page.getByLabel("Question", { exact: true }).inputValue()).toBe(QUESTION);
  });

  it("shows what a hit was expanded from, and copies it as citation, command and code", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const fields = new URLSearchParams({ q: QUESTION, k: "2", expand: "neighbours", docIds: DOC });
    await page.goto(`${files.inspector.url}#/question?${fields}`);
    const answer = (await files.post("question", {
      question: QUESTION,
      k: 2,
      expand: ["neighbours"],
      filter: { docIds: [DOC] },
    })) as QuestionAnswer;
    const hit = page.locator("li.hit").first();
    await hit.getByText(/^Expanded from .*\(marked\)$/).waitFor();
    expect(await hit.locator("mark").textContent()).toBe(answer.hits[0]?.hitText);
    for (const [name, copied] of [
      ["Copy citation", answer.hits[0]?.citation],
      ["Copy command", answer.command],
      ["Copy code", answer.code],
    ] as const) {
      await page.getByRole("button", { name }).first().click();
      await page.getByText("Copied").first().waitFor();
      expect(await page.evaluate("navigator.clipboard.readText()")).toBe(copied);
    }
  });

  it("asks with every filter of a search, and copies them all", async () => {
    const filters = {
      "Share of vector": "0.7",
      "Documents, one a line": DOC,
      "Sections, one a line": "Operations",
      Types: "Text, ListItem",
      Pages: "1-3",
      Segments: "0-40",
      "Segment ids": "first, second",
      "Least confidence": "0.25",
      Version: "v1",
    };
    await page.goto(`${files.inspector.url}#/question`);
    await page.getByText("Filters").click();
    await page.getByLabel("Question", { exact: true }).fill(QUESTION);
    for (const [label, value] of Object.entries(filters))
      await page.getByLabel(label, { exact: true }).fill(value);
    const asked = page.waitForRequest(/\/api\/question/);
    await page.getByRole("button", { name: "Ask" }).click();
    expect((await asked).postDataJSON()).toMatchObject({
      denseShare: 0.7,
      filter: {
        docIds: [DOC],
        sections: ["Operations"],
        segmentTypes: ["Text", "ListItem"],
        pages: { from: 1, to: 3 },
        segments: { from: 0, to: 40 },
        segmentIds: ["first", "second"],
        minConfidence: 0.25,
        version: "v1",
      },
    });
    await page.getByRole("region", { name: "Hits, hybrid" }).waitFor();
    const shown = await page.evaluate(
      "Object.fromEntries(new FormData(document.querySelector('form.question')))",
    );
    expect(shown).toMatchObject({
      denseShare: "0.7",
      docIds: DOC,
      segmentIds: "first, second",
      version: "v1",
    });
  });

  it("highlights the other hits on the page of a hit, in small and when it is opened", async () => {
    const fields = { q: QUESTION, mode: "text", k: "10", docIds: DOC };
    await page.goto(`${files.inspector.url}#/question?${new URLSearchParams(fields)}`);
    const { hits } = (await files.post("question", {
      question: QUESTION,
      mode: "text",
      k: 10,
      filter: { docIds: [DOC] },
    })) as QuestionAnswer;
    const chosen = hits.find(({ id, page: on }) =>
      hits.some((other) => other.id !== id && other.page === on),
    );
    const rank = hits.findIndex(({ id }) => id === chosen?.id) + 1;
    const link = page.getByRole("link", { name: `Hit ${rank} on its page` });
    expect(await link.locator(".other-hit").count()).toBeGreaterThan(0);
    await link.click();
    const marked = page.getByRole("button", { name: /^Split \d+, .*\(hit\)$/s });
    await page
      .getByRole("region", { name: `Page ${chosen?.page}`, exact: true })
      .locator(".hit-of")
      .first()
      .waitFor();
    expect(await marked.count()).toBeGreaterThan(1);
    expect(await page.locator('.split[aria-pressed="true"]').count()).toBe(1);
    await page.getByRole("list", { name: "Legend" }).getByText("found by the question").waitFor();
    await page.keyboard.press("j");
    await marked.first().waitFor();
  });

  it("says why nothing was found", async () => {
    await page.goto(
      `${files.inspector.url}#/question?${new URLSearchParams({ q: QUESTION, docIds: "nothing.pdf" })}`,
    );
    await page.locator(".hits .note").first().waitFor();
  });

  it("links each line of a report to its place", async () => {
    const { groups } = (await files.get("report", { doc: DOC })) as DocumentReport;
    await page.goto(files.addressOf(DOC));
    await page.getByRole("link", { name: "Report" }).click();
    await page.getByRole("heading", { name: /^Left out/ }).waitFor();
    const lines = page.locator("main.report ol a");
    expect(await lines.count()).toBe(groups.reduce((sum, { entries }) => sum + (entries?.length ?? 0), 0));
    await page.getByRole("link", { name: /page 5 · PageFooter/ }).click();
    await page.getByRole("button", { pressed: true, name: /^Segment \d+, PageFooter/ }).waitFor();
    await page.goBack();
    await page.getByRole("group").filter({ hasText: "Approximate boxes" }).getByRole("link").first().click();
    await page
      .getByRole("button", { pressed: true, name: /^Split \d+, .*approximate/ })
      .first()
      .waitFor();
  });
});
