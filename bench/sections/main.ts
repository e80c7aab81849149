// Compares section paths with known outlines: the levels of headings in Markdown, set in the font size of each level.
//   npm run bench:sections -- [--seed N] FOLDER-OF-MARKDOWN …
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { captionLabel } from "../../src/documents/labels/labels.js";
import { headingText, SectionPath } from "../../src/documents/sections/section-path.js";
import { Random } from "../support/random.js";

interface Heading {
  text: string;
  level: number;
}

/** Font sizes of the levels, in pixels. */
const SIZES = [44, 34, 28, 24, 21, 18.5];

/** Height of a line of the font, and of ink above and below the line on which letters stand, as shares of its size. */
const LINE = 1.15;
const INK = { tall: 0.7, small: 0.48, descender: 0.21 };

const inkOf = (text: string): number =>
  (/[\p{Lu}\p{Nd}bdfhijklt]/u.test(text) ? INK.tall : INK.small) + (/[gjpqy]/.test(text) ? INK.descender : 0);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" } },
});

const headingsOf = (markdown: string): Heading[] => {
  const prose = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, "");
  return [...prose.matchAll(/^(#{1,6}) +(\S.*?)\s*#*$/gm)].flatMap(([, marks = "", raw = ""]) => {
    const text = headingText(raw);
    return text === "" || captionLabel(text) ? [] : [{ text, level: marks.length }];
  });
};

/** The headings above each heading of an outline, itself included. */
const outlineOf = (headings: readonly Heading[]): string[] => {
  let open: Heading[] = [];
  return headings.map((heading) => {
    open = [...open.filter(({ level }) => level < heading.level), heading];
    return open.map(({ text }) => text).join(" > ");
  });
};

/** @param height of the box of a heading on one line */
const read = (headings: readonly Heading[], height: (heading: Heading) => number): string[] => {
  const sections = new SectionPath();
  return headings.map((heading) => {
    const tall = height(heading);
    const bbox = { left: 100, top: 100, width: heading.text.length * tall * 0.45, height: tall };
    const segment = { segment_type: "SectionHeader", markdown: `## ${heading.text}`, html: null, bbox };
    return sections.enter(segment, heading.text).join(" > ");
  });
};

const files = positionals.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => path.join(folder, name)),
);
const documents = files
  .map((file) => headingsOf(readFileSync(file, "utf8")))
  .filter((headings) => new Set(headings.map(({ level }) => level)).size > 1);
console.log(`seed ${values.seed}, ${documents.length} documents with headings of several levels`);
console.log("| boxes | headings | right path |\n| --- | --- | --- |");
const sizeOf = ({ level }: Heading): number => SIZES[level - 1] ?? 18;
const kinds: Readonly<Record<string, (heading: Heading) => number>> = {
  "of the font": (heading) => sizeOf(heading) * LINE,
  "of the ink": (heading) => sizeOf(heading) * inkOf(heading.text),
};
for (const [name, exact] of Object.entries(kinds)) {
  for (const noise of [0, 0.02, 0.04]) {
    const random = new Random(Number(values.seed));
    let [all, right] = [0, 0];
    for (const headings of documents) {
      const expected = outlineOf(headings);
      const found = read(headings, (heading) => exact(heading) * (1 + noise * (2 * random.next() - 1)));
      all += expected.length;
      right += found.filter((each, index) => each === expected[index]).length;
    }
    const share = all === 0 ? "none" : `${((100 * right) / all).toFixed(1)} %`;
    console.log(`| ${name}, ±${noise * 100} % | ${all} | ${share} |`);
  }
}
