import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import type { LedgerRecord } from "../../ledger/record.js";
import type { SourceView } from "../contract.js";

/** Files that browsers show, by their endings. */
const TYPES: Readonly<Record<string, { kind: "pdf" | "picture"; mediaType: string }>> = {
  ".pdf": { kind: "pdf", mediaType: "application/pdf" },
  ".png": { kind: "picture", mediaType: "image/png" },
  ".jpg": { kind: "picture", mediaType: "image/jpeg" },
  ".jpeg": { kind: "picture", mediaType: "image/jpeg" },
  ".webp": { kind: "picture", mediaType: "image/webp" },
};

/** A file that can be shown. */
export interface SourceFile {
  path: string;
  kind: "pdf" | "picture";
  mediaType: string;
  bytes: number;
  /** When it was written last, in milliseconds since 1970. */
  modifiedMs: number;
}

const none = (note: string): SourceView => ({ kind: "none", bytes: null, note });

const hashOf = async (file: string): Promise<string> => {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(file, { highWaterMark: 256 * 1024 })) hash.update(bytes);
  return hash.digest("hex");
};

/** How many hashes are kept. */
const KEPT = 1000;

/** Looks at the files of documents as they are now: they may change, go and come back while somebody looks. */
export class SourceFiles {
  /** Hashes by path, of files that are as they were then. */
  readonly #hashes = new Map<string, { stamp: string; hash: Promise<string> }>();

  /** Says how a document's file is shown, and what is to be known of it. */
  async describe(record: Pick<LedgerRecord, "file" | "content_hash">): Promise<SourceView> {
    const { content_hash } = record;
    const found = await findSource(record);
    if (typeof found === "string") return none(found);
    const { path: file, kind, bytes, modifiedMs } = found;
    const hash = await this.#hash(file, `${bytes} ${modifiedMs}`).catch(() => content_hash);
    const isSame = content_hash === null || hash === content_hash;
    const note = isSame ? null : "The source file has changed since it was parsed, so boxes may be off.";
    return { kind, bytes, note };
  }

  #hash(file: string, stamp: string): Promise<string> {
    const known = this.#hashes.get(file);
    if (known?.stamp === stamp) return known.hash;
    if (this.#hashes.size >= KEPT) this.#hashes.clear();
    const hash = hashOf(file);
    this.#hashes.set(file, { stamp, hash });
    hash.catch(() => this.#hashes.delete(file));
    return hash;
  }
}

/**
 * Finds the file of a document as it is now. Its path is that of the ledger, never one of a request; only files that were
 * ingested can be read.
 *
 * @returns the file, or why it cannot be shown
 */
export const findSource = async ({ file }: Pick<LedgerRecord, "file">): Promise<SourceFile | string> => {
  if (file === null) return "The source is no file on this machine; pages are drawn from their words.";
  const type = TYPES[path.extname(file).toLowerCase()];
  if (!type) return "Browsers do not show files of this kind; pages are drawn from their words.";
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return "The source file is no longer there; pages are drawn from their words.";
  return { ...type, path: file, bytes: found.size, modifiedMs: found.mtimeMs };
};
