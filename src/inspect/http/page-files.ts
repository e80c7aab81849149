import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { besideEntry } from "../../internal/installed.js";

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Returns the directory of the built page. */
export const pageDirectory = (): string => besideEntry("unsiloed-ingest", "inspect/page");

/** Reads files of the built page. Only names that are in its directory are known, so that no name leads out of it. */
export class PageFiles {
  readonly #directory = pageDirectory();
  readonly #names = new Set(
    readdirSync(this.#directory, { recursive: true, encoding: "utf8" }).map((name) =>
      name.split(path.sep).join("/"),
    ),
  );

  /** @returns `undefined` for what is no file of the page */
  async read(name: string): Promise<{ body: Buffer<ArrayBuffer>; mediaType: string } | undefined> {
    const mediaType = MEDIA_TYPES[path.extname(name)] ?? "application/octet-stream";
    if (!this.#names.has(name) || path.extname(name) === "") return undefined;
    return { body: Buffer.from(await readFile(path.join(this.#directory, name))), mediaType };
  }
}
