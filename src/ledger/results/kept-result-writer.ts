import { crc32 } from "node:zlib";
import type { ParsedChunk } from "../../documents/result.js";
import { BLOCK_BYTES, endOfFile, headerLine, KeptBlock, type KeptHeader } from "./kept-format.js";
import type { ResultFileWriter } from "./result-files.js";

/**
 * Writes a result to a file, block after block. No method rejects: after the first failure the others do nothing, and
 * {@link end} returns it.
 */
export class KeptResultWriter {
  readonly #file: ResultFileWriter;
  readonly #header: Omit<KeptHeader, "format">;
  #block: KeptBlock;
  /** Of everything that was written. */
  #checksum: number | undefined;
  #writing: Promise<void> = Promise.resolve();
  #problem: unknown;

  constructor(file: ResultFileWriter, header: Omit<KeptHeader, "format">) {
    this.#file = file;
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

  /** Completes the file. */
  async commit(): Promise<void> {
    await this.#attempt(async () => {
      if (this.#block.size > 0) await this.#flush();
      await this.#writing;
      const checksum = await this.#begin();
      await this.#file.append(endOfFile(checksum));
      await this.#file.commit();
    });
  }

  /** Closes the file, of which nothing remains unless it was committed. @returns the first failure, if there was one */
  async end(): Promise<unknown> {
    await this.#writing.catch(() => undefined);
    await this.#file.close();
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
    this.#checksum = crc32(bytes, await this.#begin());
    await this.#file.append(bytes);
  }

  /** Writes the header unless it is written. @returns the checksum so far */
  async #begin(): Promise<number> {
    if (this.#checksum !== undefined) return this.#checksum;
    const header = headerLine(this.#header);
    await this.#file.append(header);
    this.#checksum = crc32(header);
    return this.#checksum;
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
