import { Document } from "@langchain/core/documents";
import type { SegmentDocument, SplitDocument } from "../documents/metadata.js";
import type { SplitOptions, SplitRun } from "../documents/splitter.js";
import type { WorkerPool } from "../internal/worker-pool.js";
import { type PackedDocuments, packDocuments, unpackDocuments } from "./packed-documents.js";
import { type SplitSettings, splitSegments } from "./split-segments.js";
import type { PlainSplit, SplitRequest } from "./split-thread.js";

export type SplitPool = WorkerPool<SplitRequest, PlainSplit[]>;

/** From so many characters on, about 10 ms of work, a thread is worth its messages. */
const THREAD_LENGTH = 100_000;
/** What the boxes of a word cost to find, in characters of text. */
const WORD_LENGTH = 20;
/** Segments that are packed together. */
const PACK_COUNT = 64;

const lengthOf = ({ pageContent, metadata }: SegmentDocument): number => {
  const { ocr, html } = metadata ?? {};
  return (pageContent?.length ?? 0) + (html?.length ?? 0) + (ocr?.length ?? 0) * WORD_LENGTH;
};

/**
 * Segments on their way to a thread. Once it is clear that there is work for one, they are packed as they come, so
 * that their words, which are most of what there is, do not stay in memory as objects.
 */
export class ThreadedSplitRun implements SplitRun {
  readonly #pool: SplitPool;
  readonly #settings: SplitSettings;
  readonly #packed: PackedDocuments[] = [];
  #loose: SegmentDocument[] = [];
  #length = 0;

  constructor(pool: SplitPool, settings: SplitSettings) {
    this.#pool = pool;
    this.#settings = settings;
  }

  add(documents: readonly SegmentDocument[]): void {
    for (const document of documents) {
      this.#loose.push(document);
      this.#length += lengthOf(document);
      if (this.#length >= THREAD_LENGTH && this.#loose.length >= PACK_COUNT) this.#pack();
    }
  }

  async finish({ signal }: SplitOptions = {}): Promise<SplitDocument[]> {
    if (this.#length < THREAD_LENGTH) return splitSegments(this.#loose, this.#settings);
    this.#pack();
    try {
      const splits = await this.#pool.run({ documents: this.#packed, settings: this.#settings }, signal);
      return splits.map((split) => new Document(split));
    } catch (thrown) {
      // Metadata of the user's own, such as a function, may be impossible to send.
      if (!(thrown instanceof DOMException) || thrown.name !== "DataCloneError") throw thrown;
      return splitSegments(this.#packed.flatMap(unpackDocuments), this.#settings);
    }
  }

  #pack(): void {
    if (this.#loose.length > 0) this.#packed.push(packDocuments(this.#loose));
    this.#loose = [];
  }
}
