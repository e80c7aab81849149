import { createHash } from "node:crypto";

/** A UUID in the form of version 4, always the same for the same parts. */
export const stableUuid = (...parts: string[]): string => {
  const bytes = createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};

/** One black pixel: what stands for an image that was asked for as a data URI. */
export const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVQIHWNgAAAAAgABz8g15QAAAABJRU5ErkJggg==";

export interface Rewriting {
  /** Replaces `segment_id` and `chunk_id`: equal ids by equal ones. */
  renewIds?: { seed: string; jobId: string } | undefined;
  /** Replaces image URLs by data URIs. */
  base64Images?: boolean;
  /** Replaces images by null. */
  omitImages?: boolean;
  /** Adds `segment_type_display`: `Section Header` for `SectionHeader`. */
  displayNames?: boolean;
}

// Quotes inside JSON strings are escaped, so these match keys only, never text that looks like one.
const FIELD = /"(segment_id|segment_type|chunk_id|image)"(\s*:\s*)"([^"\\]*)"/g;
const UNFINISHED = /"(?:segment_id|segment_type|chunk_id|image)"\s*:?\s*(?:"[^"\\]*)?$/;
const LONGEST_KEY = '"segment_type"'.length;

/** What the id of a merged table ends in, which stays. */
const MERGED = /_merged$/;

const displayName = (type: string): string => type.replace(/([a-z])([A-Z])/g, "$1 $2");

/** Rewrites ids and images in the JSON text of chunks while it is streamed. */
export async function* rewrite(source: AsyncIterable<Buffer>, how: Rewriting): AsyncGenerator<Buffer> {
  const { renewIds, base64Images = false, omitImages = false, displayNames = false } = how;
  if (!renewIds && !base64Images && !omitImages && !displayNames) {
    yield* source;
    return;
  }
  const replace = (whole: string, key: string, colon: string, value: string): string => {
    if (key === "image" && omitImages) return `"image"${colon}null`;
    if (key === "image") return base64Images && /^https?:/.test(value) ? `"image"${colon}"${PIXEL}"` : whole;
    if (key === "segment_type")
      return displayNames ? `${whole},"segment_type_display"${colon}"${displayName(value)}"` : whole;
    if (!renewIds || value === "") return whole;
    const [suffix = ""] = MERGED.exec(value) ?? [];
    const renewed = stableUuid(renewIds.seed, renewIds.jobId, key, value.replace(MERGED, ""));
    return `"${key}"${colon}"${renewed}${suffix}"`;
  };
  let held = "";
  for await (const piece of source) {
    // Latin-1 maps bytes to characters one to one, so multi-byte characters survive wherever a piece ends.
    const text = held + piece.toString("latin1");
    let done = 0;
    for (const match of text.matchAll(FIELD)) done = match.index + match[0].length;
    const open = UNFINISHED.exec(text.slice(done));
    const cut = open ? done + open.index : Math.max(done, text.length - LONGEST_KEY);
    yield Buffer.from(text.slice(0, cut).replace(FIELD, replace), "latin1");
    held = text.slice(cut);
  }
  yield Buffer.from(held, "latin1");
}
