import { gzipSync } from "node:zlib";
import type { Random } from "../../../bench/support/random.js";

const SNIPPETS = [
  "{",
  "}",
  "[",
  "]",
  '"',
  "\\",
  ",",
  ":",
  "null",
  "\u0000",
  '"chunks":[',
  '"segments":[',
  '"ocr":',
  "]}",
  "},{",
  '"\\ud800"',
  "1e999",
  "NaN",
  " ".repeat(3_000),
  "[".repeat(3_000),
  '{"a":'.repeat(3_000),
  "\ufeff",
  "//",
  "'",
] as const;

const splice = (bytes: Buffer, at: number, removed: number, inserted: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);

const change = (bytes: Buffer, random: Random): Buffer => {
  const at = random.below(bytes.length + 1);
  const length = random.below(random.of(4, 60, 2_000));
  return random.of<() => Buffer>(
    () => {
      const changed = Buffer.from(bytes);
      for (let flips = 1 + random.below(8); flips > 0 && bytes.length > 0; flips--) {
        const place = random.below(bytes.length);
        changed[place] = (changed[place] ?? 0) ^ (1 << random.below(8));
      }
      return changed;
    },
    () => bytes.subarray(0, at),
    () => splice(bytes, at, length, Buffer.alloc(0)),
    () => splice(bytes, at, 0, bytes.subarray(at, at + length)),
    () => splice(bytes, at, 0, Buffer.from(SNIPPETS[random.below(SNIPPETS.length)] ?? "")),
    () => splice(bytes, at, 0, Buffer.from([0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80].slice(random.below(6)))),
    () =>
      Buffer.from(
        bytes
          .toString("latin1")
          .replace(random.of(/,/, /:/, /"/, /\]/, /\}/, /\{/), random.of("", ";", ",,")),
      ),
  )();
};

/** Damages the text of a result as transport, encoding and tampering do. */
export const mutateBytes = (text: string, random: Random): Buffer => {
  let bytes: Buffer = Buffer.from(text);
  for (let changes = random.of(0, 1, 1, 2); changes > 0; changes--) bytes = change(bytes, random);
  if (random.chance(0.06)) bytes = Buffer.from(`\ufeff${bytes.toString()}`, random.of("utf8", "utf16le"));
  if (random.chance(0.06)) {
    bytes = gzipSync(bytes, { level: 1 });
    if (random.chance(0.5)) bytes = change(bytes, random);
  }
  return bytes;
};

/**
 * Cuts the bytes into slices of any size, some of them empty. Sometimes all are small; mostly small ones come for a
 * stretch only, as a step for each byte takes far longer than all else that is done with it.
 */
export async function* inSlices(bytes: Uint8Array, random: Random): AsyncGenerator<Uint8Array> {
  const scale = bytes.length > 20_000 ? 50 : 1;
  const draw = (): number => random.of(1, 7, 100, 10_000) * scale;
  const isEven = random.chance(0.1);
  let most = draw();
  for (let from = 0, slices = 0; from < bytes.length; slices++) {
    if (slices % 100 === 99 && !isEven) most = draw();
    const size = random.below(most + 1);
    yield bytes.subarray(from, from + size);
    from += size;
  }
}
