import { Document } from "@langchain/core/documents";
import type { SegmentDocument, SplitDocument } from "../documents/metadata.js";
import { countWords, packWords } from "../documents/packed-words.js";
import type { SplitOptions, SplitRun } from "../documents/splitter.js";
import type { WorkerPool } from "../internal/worker-pool.js";
import { type SplitSettings, splitSegments } from "./split-segments.js";
import type { PlainDocument, PlainSplit, SplitRequest } from "./split-thread.js";

export type SplitPool = WorkerPool<SplitRequest, PlainSplit[]>;

/** From so many characters on, about 10 ms of work, a thread is worth its messages. */
const THREAD_LENGTH = 100_000;
/** What the boxes of a word cost to find, in characters of text. */
const WORD_LENGTH = 20;

const lengthOf = ({ pageContent, metadata }: SegmentDocument): number =>
  (pageContent?.length ?? 0) + (metadata?.html?.length ?? 0) + countWords(metadata ?? {}) * WORD_LENGTH;

/** A segment with its words packed, as they are ten times slower to send as objects. */
const pack = ({ pageContent, metadata }: SegmentDocument): PlainDocument => {
  const { ocr, ...others } = metadata;
  const packed_ocr = ocr && packWords(ocr);
  return { pageContent, metadata: packed_ocr ? { ...others, packed_ocr } : metadata };
};

/**
 * Segments on their way to a thread. Once it is clear that there is work for one, their words are packed as they come,
 * so that these, which are most of what there is, do not stay in memory as objects.
 */
export class ThreadedSplitRun implements SplitRun {
  readonly #pool: SplitPool;
  readonly #settings: SplitSettings;
  #documents: PlainDocument[] = [];
  #length = 0;

  constructor(pool: SplitPool, settings: SplitSettings) {
    this.#pool = pool;
    this.#settings = settings;
  }

  add(documents: readonly SegmentDocument[]): void {
    for (const document of documents) {
      const isLong = this.#length >= THREAD_LENGTH;
      this.#documents.push(isLong ? pack(document) : document);
      this.#length += lengthOf(document);
      if (!isLong && this.#length >= THREAD_LENGTH) this.#documents = this.#documents.map(pack);
    }
  }

  async finish({ signal }: SplitOptions = {}): Promise<SplitDocument[]> {
    const documents = this.#documents;
    if (this.#length < THREAD_LENGTH) return splitSegments(documents, this.#settings);
    try {
      const splits = await this.#pool.run({ documents, settings: this.#settings }, signal);
      return splits.map((split) => new Document(split));
    } catch (thrown) {
      // Metadata of the user's own, such as a function, may be impossible to send.
      if (!(thrown instanceof DOMException) || thrown.name !== "DataCloneError") throw thrown;
      return splitSegments(documents, this.#settings);
    }
  }
}
