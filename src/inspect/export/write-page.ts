import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { messageOf, UnsiloedError } from "../../errors.js";
import { makeDirectory } from "../../internal/make-directory.js";
import type { ExportElementId, ExportedDocument } from "../contract.js";
import { PageFiles } from "../http/page-files.js";
import type { Inspected } from "../options.js";
import { collectDocument } from "./collect.js";
import { withoutTexts } from "./without-texts.js";

const ELEMENT: ExportElementId = "exported-document";

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** JSON that no HTML parser takes for a tag. */
const inHtml = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

/** Replaces a tag that names a file by what it names. */
const inlined = async (
  html: string,
  tag: RegExp,
  files: PageFiles,
  write: (text: string) => string,
): Promise<string> => {
  const [found = "", name = ""] = tag.exec(html) ?? [];
  const file = await files.read(name);
  if (!file) throw new UnsiloedError("INVARIANT", "the built page has another form than its export expects");
  // A function, because a text may hold what "replace" takes for a pattern.
  return html.replace(found, () => write(file.body.toString()));
};

/** Makes a page of one file, which browsers open without a server. Its policy allows nothing but its own code. */
const pageOf = async (exported: ExportedDocument): Promise<string> => {
  const files = new PageFiles();
  const index = await files.read("index.html");
  let script = "";
  let html = (index?.body.toString() ?? "").replace(/\s*<link rel="(?:icon|modulepreload)"[^>]*>/g, "");
  html = await inlined(html, /<script type="module"[^>]*src="\.\/([^"]+)"[^>]*><\/script>/, files, (text) => {
    script = text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
    return "";
  });
  html = await inlined(html, /<link rel="stylesheet"[^>]*href="\.\/([^"]+)"[^>]*>/, files, (style) =>
    [
      `<meta http-equiv="content-security-policy" content="default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; img-src data: blob:; base-uri 'none'; form-action 'none'" />`,
      `<style>${style}</style>`,
    ].join("\n"),
  );
  const data = `<script type="application/json" id="${ELEMENT}">${inHtml(exported)}</script>`;
  return html.replace("</body>", () => `${data}\n<script type="module">${script}</script>\n</body>`);
};

/** An exported page. */
export interface WrittenPage {
  file: string;
  bytes: number;
  /** Why what is stored could not be read, and is not in the page; `null` where it could. */
  problem: string | null;
}

/**
 * Writes what the page shows of a document into `index.html` of a directory: one file, to attach to a report of a fault.
 *
 * @param texts whether the texts of the document are in it
 * @throws UnsiloedError `INVALID_OPTION` for a document that the ledger does not know, or a directory that cannot be written
 */
export const exportDocument = async (
  inspected: Inspected,
  docId: string,
  directory: string,
  { texts = true }: { texts?: boolean | undefined } = {},
): Promise<WrittenPage> => {
  const exported = await collectDocument(inspected, docId);
  const html = await pageOf(texts ? exported : withoutTexts(exported));
  const file = path.join(directory, "index.html");
  try {
    await makeDirectory(directory);
    await writeFile(file, html);
  } catch (thrown) {
    throw new UnsiloedError("INVALID_OPTION", `--export: cannot write ${file}: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
  return { file, bytes: Buffer.byteLength(html), problem: exported.collection.problem };
};
