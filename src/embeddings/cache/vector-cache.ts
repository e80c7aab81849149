import { crc32 } from "node:zlib";
import { UnsiloedError } from "../../errors.js";
import { batches } from "../../internal/batching.js";
import { LmdbFile, type LmdbTable } from "../../internal/lmdb/database.js";
import { bytesOf, floatsOf, isFiniteVector, type Vector } from "../../internal/numbers/float32.js";

/** Vectors written in one transaction: enough to share a commit, few enough not to delay other writers. */
const WRITE_BATCH = 512;

const ADVICE = "remove the directory: it is only a cache and is filled again";

const CURRENT = Buffer.from("current");

/** A value is a checksum of the rest, then float32, all little-endian. LMDB itself does not detect a changed byte. */
const CHECKSUM_BYTES = 4;

const encode = (vector: Vector): Buffer => {
  const bytes = bytesOf(vector, CHECKSUM_BYTES);
  bytes.writeUInt32LE(crc32(bytes.subarray(CHECKSUM_BYTES)), 0);
  return bytes;
};

const decode = (bytes: Buffer): Float32Array | undefined => {
  if (bytes.length <= CHECKSUM_BYTES) return undefined;
  const rest = bytes.subarray(CHECKSUM_BYTES);
  if (bytes.readUInt32LE(0) !== crc32(rest)) return undefined;
  const floats = floatsOf(rest);
  // Copied, because the bytes may belong to the database.
  return floats && isFiniteVector(floats) ? floats.slice() : undefined;
};

export interface CachedVector {
  key: Buffer;
  vector: Vector;
}

interface Tables {
  file: LmdbFile;
  about: LmdbTable;
  /** One table has the newer entries, the other the older ones; `about` records which. */
  generations: readonly [LmdbTable, LmdbTable];
}

/**
 * Keeps vectors by key in an LMDB database of bounded size.
 *
 * Entries are written to the newer of two generations. When it reaches half the allowed size, the older one is emptied
 * and becomes the newer. Entries that are read move from the older to the newer, so the least recently used ones are
 * dropped. Freed pages are reused; the file itself does not shrink.
 */
export class VectorCache {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #readOnly: boolean;
  #opened: Promise<Tables | undefined> | undefined;
  #closed = false;

  /** @param readOnly whether nothing is created or written */
  constructor(directory: string, maxBytes: number, readOnly = false) {
    this.#directory = directory;
    this.#readOnly = readOnly;
    this.#maxBytes = maxBytes;
  }

  /** Returns one entry for each key: its vector, or `undefined` when there is none or it is damaged. */
  async read(keys: readonly Buffer[]): Promise<(Float32Array | undefined)[]> {
    if (keys.length === 0) return [];
    const tables = await this.#open();
    if (!tables) return keys.map(() => undefined);
    const { file, about, generations } = tables;
    const toMove: CachedVector[] = [];
    const found = file.read(() => {
      const newer = newerOf(about, generations);
      const older = olderOf(about, generations);
      return keys.map((key) => {
        const value = newer.get(key);
        if (value) return decode(value);
        const old = older.get(key);
        const vector = old && decode(old);
        if (vector) toMove.push({ key, vector });
        return vector;
      });
    });
    // Not awaited: a failure here must not spoil what was read, and shows at the next write.
    if (toMove.length > 0) this.write(toMove).catch(() => undefined);
    return found;
  }

  /** Writes vectors. They are on disk when the promise resolves. */
  async write(vectors: readonly CachedVector[]): Promise<void> {
    const tables = this.#readOnly ? undefined : await this.#open();
    if (!tables) return;
    const { file, about, generations } = tables;
    for (const batch of batches(vectors, { maxCount: WRITE_BATCH })) {
      const entries = batch.map(({ key, vector }) => ({ key, value: encode(vector) }));
      await file.write(() => {
        const newer = newerOf(about, generations);
        if (LmdbFile.size(newer) >= this.#maxBytes / 2) {
          const older = olderOf(about, generations);
          older.clearSync();
          about.put(CURRENT, Buffer.from(String(generations.indexOf(older))));
        }
        const target = newerOf(about, generations);
        for (const { key, value } of entries) target.put(key, value);
      });
    }
  }

  /** Returns the bytes of all kept vectors. */
  async size(): Promise<number> {
    const generations = (await this.#open())?.generations ?? [];
    return generations.reduce((sum, table) => sum + LmdbFile.size(table), 0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.file.close();
  }

  #open(): Promise<Tables | undefined> {
    if (this.#closed)
      return Promise.reject(new UnsiloedError("LEDGER_FAILED", "the embedding cache is closed"));
    const open = this.#readOnly ? LmdbFile.openToRead : LmdbFile.open;
    this.#opened ??= open(this.#directory, ["about", "vectors-0", "vectors-1"], ADVICE).then(
      (file) =>
        file && {
          file,
          about: file.table("about"),
          generations: [file.table("vectors-0"), file.table("vectors-1")],
        },
    );
    return this.#opened;
  }
}

const newerOf = (about: LmdbTable, [first, second]: Tables["generations"]): LmdbTable =>
  about.get(CURRENT)?.toString() === "1" ? second : first;

const olderOf = (about: LmdbTable, [first, second]: Tables["generations"]): LmdbTable =>
  about.get(CURRENT)?.toString() === "1" ? first : second;
