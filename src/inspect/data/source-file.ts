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
  mediaType: string;
  bytes: number;
}

const none = (note: string): { view: SourceView } => ({ view: { kind: "none", bytes: null, note } });

const hashOf = async (file: string): Promise<string> => {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(file, { highWaterMark: 256 * 1024 })) hash.update(bytes);
  return hash.digest("hex");
};

/**
 * Finds the file of a document. Its path is that of the ledger, never one of a request; only files that were ingested can
 * be read.
 */
export const findSource = async ({
  file,
  content_hash,
}: Pick<LedgerRecord, "file" | "content_hash">): Promise<{ view: SourceView; file?: SourceFile }> => {
  if (file === null) return none("The source is no file on this machine; pages are drawn from their words.");
  const type = TYPES[path.extname(file).toLowerCase()];
  if (!type) return none("Browsers do not show files of this kind; pages are drawn from their words.");
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return none("The source file is no longer there; pages are drawn from their words.");
  const { kind, mediaType } = type;
  const isSame = content_hash === null || (await hashOf(file).catch(() => content_hash)) === content_hash;
  const note = isSame ? null : "The source file has changed since it was parsed, so boxes may be off.";
  return { view: { kind, bytes: found.size, note }, file: { path: file, mediaType, bytes: found.size } };
};
