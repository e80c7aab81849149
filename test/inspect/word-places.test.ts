import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, startChromium } from "../support/chromium.js";
import { drawnPdf, linesResult } from "../support/inspect/drawn-pdf.js";
import { InspectedFiles } from "../support/inspect/inspected.js";

const DOC = "lines.pdf";
const ROTATED = 2;
const NEAR = 2;

interface Place {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Finds where pdf.js says that lines of a page stand, in parts of the width and height of the page as viewers show it. */
const textLayerOf = async (bytes: Buffer, number: number): Promise<Map<string, Place>> => {
  const { getDocument, Util } = await import("pdfjs-dist/legacy/build/pdf.mjs");
  const pdf = await getDocument({ data: new Uint8Array(bytes), useSystemFonts: true, verbosity: 0 }).promise;
  const page = await pdf.getPage(number);
  const viewport = page.getViewport({ scale: 1 });
  const lines = new Map<string, Place>();
  for (const item of (await page.getTextContent()).items) {
    if (!("str" in item) || item.str.trim() === "") continue;
    const [, , , , left = 0, base = 0]: number[] = Util.transform(viewport.transform, item.transform);
    const line = Math.round(base).toString();
    const before = lines.get(line) ?? { left: 1, right: 0, top: base / viewport.height, bottom: 0 };
    lines.set(line, {
      ...before,
      left: Math.min(before.left, left / viewport.width),
      right: Math.max(before.right, (left + item.width) / viewport.width),
      bottom: base / viewport.height,
    });
  }
  await pdf.destroy();
  return lines;
};

/** Finds the ink within and around a box, as it is on the screen. */
const inkIn = (canvas: Locator, box: Place): Promise<Place | null> =>
  canvas.evaluate((element, { left, right, top, bottom }) => {
    if (!("getContext" in element)) return null;
    const shown = element.getBoundingClientRect();
    const ratio = element.width / shown.width;
    const around = 6;
    const x = Math.round((left - shown.left - around) * ratio);
    const y = Math.round((top - shown.top - around) * ratio);
    const width = Math.round((right - left + 2 * around) * ratio);
    const height = Math.round((bottom - top + 2 * around) * ratio);
    const pixels = element.getContext("2d")?.getImageData(x, y, width, height).data ?? [];
    const ink = { left: width, right: 0, top: height, bottom: 0 };
    for (let at = 0; at < width * height; at++) {
      if ((pixels[at * 4] ?? 255) > 128) continue;
      const column = at % width;
      const row = Math.floor(at / width);
      ink.left = Math.min(ink.left, column);
      ink.right = Math.max(ink.right, column + 1);
      ink.top = Math.min(ink.top, row);
      ink.bottom = Math.max(ink.bottom, row + 1);
    }
    return {
      left: shown.left + (x + ink.left) / ratio,
      right: shown.left + (x + ink.right) / ratio,
      top: shown.top + (y + ink.top) / ratio,
      bottom: shown.top + (y + ink.bottom) / ratio,
    };
  }, box);

const widthOf = (canvas: { width?: number }): number => canvas.width ?? 0;

const placeOf = async (locator: Locator): Promise<Place> => {
  const box = await locator.evaluate((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return { left, right, top, bottom };
  });
  return box;
};

describeInBrowser("boxes on the page of inspect", () => {
  let browser: Browser;
  let files: InspectedFiles;
  // One page stands upright, the other is stored lying down and turned by viewers.
  const result = {
    chunks: [...linesResult(1).chunks, ...linesResult(2, { width: 1684, height: 1190 }).chunks.slice(1)],
  };
  const bytes = drawnPdf(result, [ROTATED]);

  beforeAll(async () => {
    browser = await startChromium();
    files = await InspectedFiles.open([{ name: DOC, result, bytes }]);
  });

  afterAll(async () => {
    await browser.close();
    await files.close();
  });

  for (const [name, number] of [
    ["an upright page", 1],
    ["a rotated page", ROTATED],
  ] as const)
    for (const zoom of ["fit", "larger"] as const)
      it(`lie within ${NEAR} pixels on the words of ${name}, zoom: ${zoom}`, async () => {
        const page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
        await page.goto(files.addressOf(DOC, number));
        const sheet = page.getByRole("region", { name: `Page ${number}`, exact: true });
        const canvas = sheet.locator("canvas");
        await canvas.waitFor();
        if (zoom === "larger") {
          const width = await canvas.evaluate(widthOf);
          await page.getByRole("button", { name: "Zoom in" }).click();
          await expect.poll(() => canvas.evaluate(widthOf)).toBeGreaterThan(width);
        }
        const paper = await placeOf(sheet);
        const lines = [...(await textLayerOf(bytes, number)).values()].sort(
          (one, other) => one.top - other.top,
        );
        const boxes = sheet.locator(".split rect");
        expect(lines).toHaveLength(8);
        expect(await boxes.count()).toBe(8);
        for (const [index, line] of lines.entries()) {
          const box = await placeOf(boxes.nth(index));
          // The frame of a box is a pixel wide, half of it outside.
          const left = paper.left + line.left * (paper.right - paper.left);
          const right = paper.left + line.right * (paper.right - paper.left);
          const base = paper.top + line.bottom * (paper.bottom - paper.top);
          expect(Math.abs(box.left - left), `left of line ${index}`).toBeLessThan(NEAR);
          expect(Math.abs(box.right - right), `right of line ${index}`).toBeLessThan(NEAR);
          expect(base).toBeGreaterThan(box.top);
          expect(base).toBeLessThan(box.bottom);
          const ink = await inkIn(canvas, box);
          expect(ink?.left).toBeGreaterThan(box.left - NEAR);
          expect(ink?.left).toBeLessThan(box.left + 2 * NEAR);
          expect(ink?.right).toBeLessThan(box.right + NEAR);
          expect(ink?.right).toBeGreaterThan(box.right - 2 * NEAR);
          expect(ink?.top).toBeGreaterThan(box.top - NEAR);
          expect(ink?.bottom).toBeLessThan(box.bottom + NEAR);
        }
        await page.close();
      });
});
