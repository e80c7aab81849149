import { type FileHandle, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { crc32 } from "node:zlib";
import type { ParsedChunk } from "../../documents/result.js";
import { makeDirectory } from "../../internal/make-directory.js";
import { propertyOf } from "../../internal/objects.js";
import { BLOCK_BYTES, endOfFile, headerLine, KeptBlock, type KeptHeader } from "./kept-format.js";

/** Makes a rename durable, for which the directory has to be synced as well. Windows cannot do that. */
const syncDirectory = async (directory: string): Promise<void> => {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/**
 * Writes a result to a temporary file, block after block, and renames it once it is complete and on the disk: a job
 * expires, and its result would have to be paid for again after a power failure. No method rejects: after the first
 * failure the others do nothing, and {@link end} returns it.
 */
export class KeptFileWriter {
  readonly #target: string;
  readonly #temporary: string;
  readonly #header: Omit<KeptHeader, "format">;
  #file: FileHandle | undefined;
  #block: KeptBlock;
  /** Of everything that was written. */
  #checksum = 0;
  #writing: Promise<void> = Promise.resolve();
  #committed = false;
  #problem: unknown;

  constructor(target: string, temporary: string, header: Omit<KeptHeader, "format">) {
    this.#target = target;
    this.#temporary = temporary;
    this.#header = header;
    this.#block = new KeptBlock(header.words);
  }

  /** Adds a chunk. */
  async write(chunk: ParsedChunk): Promise<void> {
    await this.#attempt(async () => {
      this.#block.add(chunk);
      if (this.#block.size >= BLOCK_BYTES) await this.#flush();
    });
  }

  /** Completes the file and gives it its name. */
  async commit(): Promise<void> {
    await this.#attempt(async () => {
      if (this.#block.size > 0) await this.#flush();
      await this.#writing;
      const file = this.#file ?? (await this.#begin());
      await file.writeFile(endOfFile(this.#checksum));
      await file.sync();
      await file.close();
      this.#file = undefined;
      await rename(this.#temporary, this.#target);
      this.#committed = true;
      await syncDirectory(path.dirname(this.#target));
    });
  }

  /** Closes the file, and removes it unless it was committed. @returns the first failure, if there was one */
  async end(): Promise<unknown> {
    if (this.#committed) return this.#problem;
    await this.#writing.catch(() => undefined);
    await this.#file?.close().catch(() => undefined);
    await rm(this.#temporary, { force: true }).catch(() => undefined);
    return this.#problem;
  }

  /** Begins to write what was added, once the block before it is written. */
  async #flush(): Promise<void> {
    await this.#writing;
    const block = this.#block;
    this.#block = new KeptBlock(this.#header.words);
    this.#writing = this.#append(block);
    // A failure is handled where the promise is awaited; until then it must not count as unhandled.
    this.#writing.catch(() => undefined);
  }

  async #append(block: KeptBlock): Promise<void> {
    const bytes = await block.bytes();
    await this.#write(this.#file ?? (await this.#begin()), bytes);
  }

  async #begin(): Promise<FileHandle> {
    this.#file = await this.#open();
    await this.#write(this.#file, headerLine(this.#header));
    return this.#file;
  }

  async #write(file: FileHandle, bytes: Buffer): Promise<void> {
    this.#checksum = crc32(bytes, this.#checksum);
    await file.writeFile(bytes);
  }

  async #open(): Promise<FileHandle> {
    const openNew = () => open(this.#temporary, "wx");
    try {
      return await openNew();
    } catch (thrown) {
      if (propertyOf(thrown, "code") !== "ENOENT") throw thrown;
      await makeDirectory(path.dirname(this.#target));
      return openNew();
    }
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    if (this.#problem !== undefined) return;
    try {
      await work();
    } catch (thrown) {
      this.#problem = thrown ?? new Error("unknown failure");
    }
  }
}
