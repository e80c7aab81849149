import { crc32 } from "node:zlib";
import { UnsiloedError } from "../../errors.js";
import { batches } from "../../internal/batching.js";
import { bytesOf, floatsOf, isFiniteVector, type Vector } from "../../internal/float32.js";
import { LmdbFile, type LmdbTable } from "../../internal/lmdb/database.js";

/** Vectors written in one transaction: enough to share a commit, few enough not to hold up anything else. */
const WRITE_BATCH = 512;

const MENDING = "remove the directory: what is in it is only a help, and made again";

const CURRENT = Buffer.from("current");

/** The checksum of the rest, then float32, all little-endian: LMDB itself does not notice a changed byte. */
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
  // A copy, as the bytes may be those of the database.
  return floats && isFiniteVector(floats) ? floats.slice() : undefined;
};

export interface CachedVector {
  key: Buffer;
  vector: Vector;
}

interface Tables {
  file: LmdbFile;
  about: LmdbTable;
  /** The newer entries are in one, the older in the other; which is which is in `about`. */
  generations: readonly [LmdbTable, LmdbTable];
}

/**
 * Vectors by key in an LMDB database of bounded size.
 *
 * Entries are written to the newer of two generations. When that has grown to half the allowed size, the older one
 * is emptied and becomes the newer. What is read from the older one moves to the newer, so that the entries that go
 * are those that nobody asked for in a long time. Freed pages are used again; the file itself does not shrink.
 */
export class VectorCache {
  readonly #directory: string;
  readonly #maxBytes: number;
  #opened: Promise<Tables> | undefined;
  #closed = false;

  constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  /** One entry for each key: what is kept under it, if that is whole. */
  async read(keys: readonly Buffer[]): Promise<(Float32Array | undefined)[]> {
    if (keys.length === 0) return [];
    const { file, about, generations } = await this.#open();
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
    // Not waited for: a caller must be able to trust what was read. Should it fail, so does every later write.
    if (toMove.length > 0) this.write(toMove).catch(() => undefined);
    return found;
  }

  /** Keeps vectors; they are on the disk when the promise resolves. */
  async write(vectors: readonly CachedVector[]): Promise<void> {
    const { file, about, generations } = await this.#open();
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

  /** Bytes that the kept vectors take. */
  async size(): Promise<number> {
    const { generations } = await this.#open();
    return generations.reduce((sum, table) => sum + LmdbFile.size(table), 0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.file.close();
  }

  #open(): Promise<Tables> {
    if (this.#closed)
      return Promise.reject(new UnsiloedError("LEDGER_FAILED", "the embedding cache is closed"));
    this.#opened ??= LmdbFile.open(this.#directory, ["about", "vectors-0", "vectors-1"], MENDING).then(
      (file) => ({
        file,
        about: file.table("about"),
        generations: [file.table("vectors-0"), file.table("vectors-1")],
      }),
    );
    return this.#opened;
  }
}

const newerOf = (about: LmdbTable, [first, second]: Tables["generations"]): LmdbTable =>
  about.get(CURRENT)?.toString() === "1" ? second : first;

const olderOf = (about: LmdbTable, [first, second]: Tables["generations"]): LmdbTable =>
  about.get(CURRENT)?.toString() === "1" ? first : second;
