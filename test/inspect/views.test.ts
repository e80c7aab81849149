// Looks at every view in both color schemes, narrow and wide. With INSPECT_SHOTS=DIR it writes a picture of each into
// that directory, and with INSPECT_PICTURE=1 the one of the README.
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, startChromium } from "../support/chromium.js";
import { type DrawnResult, drawnPdf } from "../support/inspect/drawn-pdf.js";
import { InspectedFiles } from "../support/inspect/inspected.js";
import { REPORT } from "../support/parse-service.js";

const DOC = "reports/annual.pdf";
const QUESTION = "How much usable energy did the fleet lose?";
const PICTURE = path.resolve(import.meta.dirname, "../../docs/images/inspect.png");

const SIZES = [
  { name: "narrow", width: 360, height: 740 },
  { name: "wide", width: 1440, height: 900 },
  { name: "widest", width: 2560, height: 1300 },
] as const;

/** Each view, and what is there once it is complete. */
const VIEWS = [
  { name: "documents", hash: "", there: "tbody tr" },
  { name: "document", hash: `/document?doc=${DOC}&page=1`, there: ".sheet canvas" },
  { name: "segment", hash: `/document?doc=${DOC}&page=3&select=segment:32`, there: ".details .facts" },
  { name: "words", hash: "/document?doc=notes/words.docx&page=5", there: ".sheet .words text" },
  { name: "question", hash: "/question?", there: ".question" },
  {
    name: "answers",
    hash: `/question?q=${encodeURIComponent(QUESTION)}&mode=text&beside=dense&expand=neighbours`,
    there: ".two .hit",
  },
  {
    name: "filtered",
    hash: `/question?q=${encodeURIComponent(QUESTION)}&mode=text&pages=1-3&docIds=${DOC}`,
    there: ".hit",
  },
  { name: "report", hash: `/report?doc=${DOC}`, there: ".report details" },
] as const;

const FAULTS =
  "axe.run().then(({ violations }) => violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)))";

/** Whether pages that are seen have their boxes, and are drawn as finely as they are shown. */
const IS_DRAWN =
  "[...document.querySelectorAll('.sheet')].every((sheet) => sheet.querySelector('.overlay') && [...sheet.querySelectorAll('canvas')].every((canvas) => canvas.width >= canvas.clientWidth - 1))";

const shots = process.env["INSPECT_SHOTS"];

describeInBrowser("every view of the page of inspect", () => {
  let browser: Browser;
  let files: InspectedFiles;

  beforeAll(async () => {
    browser = await startChromium();
    const result: Record<string, unknown> & DrawnResult = JSON.parse(await readFile(REPORT, "utf8"));
    const bytes = drawnPdf(result);
    files = await InspectedFiles.open([
      { name: DOC, result, bytes },
      { name: "notes/words.docx", result, bytes: Buffer.from("words") },
    ]);
    if (shots !== undefined) await mkdir(shots, { recursive: true });
  });

  afterAll(async () => {
    await browser.close();
    await files.close();
  });

  const open = async (
    { hash, there }: { hash: string; there: string },
    options: Parameters<Browser["newPage"]>[0],
  ): Promise<{ page: Page; problems: string[] }> => {
    const page = await browser.newPage(options);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
    });
    await page.goto(`${files.inspector.url}#${hash}`);
    await page.locator(there).first().waitFor();
    await page.waitForLoadState("networkidle");
    return { page, problems };
  };

  for (const view of VIEWS)
    for (const colorScheme of ["light", "dark"] as const)
      it(`${view.name}, ${colorScheme}: is accessible, as wide as the window, and reports no problem`, async () => {
        const { page, problems } = await open(view, { colorScheme, viewport: SIZES[0] });
        await page.evaluate(axe.source);
        for (const size of SIZES) {
          await page.setViewportSize(size);
          await page.waitForLoadState("networkidle");
          await expect.poll(() => page.evaluate<boolean>(IS_DRAWN), { timeout: 15_000 }).toBe(true);
          if (shots !== undefined)
            await page.screenshot({ path: path.join(shots, `${view.name}-${size.name}-${colorScheme}.png`) });
          const faults = await page.evaluate<axe.Result[]>(FAULTS);
          expect(
            faults.map(({ id, nodes }) => `${size.name} ${id}: ${nodes.slice(0, 3).map(({ html }) => html)}`),
          ).toEqual([]);
          const overflow = await page.evaluate<number>(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth",
          );
          expect(overflow, `${size.name}: pixels beyond the window`).toBe(0);
        }
        expect(problems).toEqual([]);
        await page.close();
      });

  it("follows the system's colors until others are chosen, and remembers them", async () => {
    const { page } = await open(VIEWS[0], { colorScheme: "light" });
    const ground = () => page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor");
    const light = await ground();
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await ground()).not.toBe(light);
    await page.getByLabel("Colors").selectOption("light");
    await expect.poll(ground).toBe(light);
    await page.reload();
    await page.getByRole("row", { name: DOC }).waitFor();
    expect(await ground()).toBe(light);
    await page.close();
  });

  it.runIf(process.env["INSPECT_PICTURE"])("makes the picture of the README", async () => {
    const view = { hash: `/document?doc=${DOC}&page=5`, there: ".sheet canvas" };
    const { page } = await open(view, { colorScheme: "light", viewport: { width: 960, height: 540 } });
    await page
      .getByRole("region", { name: "Page 5", exact: true })
      .getByRole("button", { name: /^Split \d+, Table/ })
      .first()
      .click();
    await page.locator(".details .facts").waitFor();
    await page.waitForLoadState("networkidle");
    await mkdir(path.dirname(PICTURE), { recursive: true });
    await page.screenshot({ path: PICTURE });
    await page.close();
  });
});
