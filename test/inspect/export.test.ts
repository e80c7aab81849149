import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resultReader } from "../../src/cli/setup/result-reader.js";
import type { ExportedDocument } from "../../src/inspect/contract.js";
import { exportDocument } from "../../src/inspect/export/write-page.js";
import { describeInBrowser, skipsBrowser, startChromium } from "../support/chromium.js";
import { InspectedFiles } from "../support/inspect/inspected.js";
import { errorOf, readReport, temporaryDirectory } from "../support/parse-service.js";

const DOC = "reports/annual.pdf";

const dataOf = (html: string): ExportedDocument => {
  const [, json = ""] = /<script type="application\/json"[^>]*>(.*?)<\/script>/s.exec(html) ?? [];
  return JSON.parse(json);
};

describe("an exported page", () => {
  let files: InspectedFiles;
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (!skipsBrowser) browser = await startChromium();
    files = await InspectedFiles.open([{ name: DOC, result: await readReport() }]);
  });
  afterAll(async () => {
    await browser?.close();
    await files.close();
  });

  const write = async (texts: boolean, doc = DOC): Promise<string> => {
    const { ledger, sink, results } = files;
    const openEmbeddings = () => Promise.reject(new Error("not needed"));
    const inspected = { ledger, sink, state: "state", ...resultReader(results), openEmbeddings };
    const { file, bytes } = await exportDocument(inspected, doc, await temporaryDirectory(), { texts });
    expect(bytes).toBe((await readFile(file)).length);
    return file;
  };

  it("holds every page, segment and split of the document", async () => {
    const exported = dataOf(await readFile(await write(true), "utf8"));
    expect(exported.pages.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    expect(exported.segments).toHaveLength(54);
    expect(exported.splits).toHaveLength(exported.document.splits);
    expect(exported.splits[0]?.embedded).toContain("Aurora");
  });

  it("names its code in its policy, and nothing else that could run or load", async () => {
    const html = await readFile(await write(true), "utf8");
    const [, policy = ""] = /content-security-policy" content="([^"]+)"/.exec(html) ?? [];
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; img-src data: blob:;/,
    );
    expect(html).not.toMatch(/(?:src|href)="\.\//);
  });

  it("without texts holds no word of the document, and all boxes", async () => {
    const whole = dataOf(await readFile(await write(true), "utf8"));
    const html = await readFile(await write(false), "utf8");
    const bare = dataOf(html);
    const words = new Set(
      whole.pages.flatMap((page) => page.words.flatMap(({ text }) => text.match(/[A-Z]\p{L}{5,}/gu) ?? [])),
    );
    expect(words.size).toBeGreaterThan(50);
    // Names of types and fields are words of this package.
    const own = new Set(["Picture", "Caption", "Section", "Document"]);
    const data = JSON.stringify(bare);
    expect([...words].filter((word) => !own.has(word) && data.includes(word))).toEqual([]);
    expect(data).not.toContain("annual");
    const boxesOf = ({ pages }: ExportedDocument) =>
      pages.map(({ segmentViews, splitViews, words: all }) => [
        segmentViews.map(({ box, type }) => [box, type]),
        splitViews.map(({ boxes }) => boxes),
        all.map(({ box, text }) => [box, text.length]),
      ]);
    expect(boxesOf(bare)).toEqual(boxesOf(whole));
  });

  it("is refused for a document that the ledger does not know", async () => {
    const { code, message } = await errorOf(write(true, "reports/annual.pd"));
    expect(code).toBe("INVALID_OPTION");
    expect(message).toContain('got "reports/annual.pd"');
  });

  describeInBrowser("in a browser", () => {
    it.each([true, false])(
      "opens without a server (texts: %s), and shows boxes and what is in them",
      async (texts) => {
        if (!browser) throw new Error("expected a browser");
        const page = await browser.newPage();
        const problems: string[] = [];
        const requested: string[] = [];
        page.on("console", (message) => problems.push(message.text()));
        page.on("pageerror", (error) => problems.push(error.message));
        page.on("request", (request) => requested.push(request.url()));
        const address = pathToFileURL(await write(texts)).href;
        await page.goto(address);
        await page
          .getByRole("button", { name: /^Split \d+, Text, exact/ })
          .first()
          .press("Enter");
        const details = page.getByRole("complementary");
        await details.getByText("What is embedded").waitFor();
        expect((await details.textContent())?.includes("Aurora")).toBe(texts);
        expect(problems).toEqual([]);
        expect(requested.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"))).toEqual([]);
        await page.close();
      },
    );
  });
});
