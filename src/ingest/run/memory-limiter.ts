import type { SegmentDocument, SplitDocument } from "../../documents/metadata.js";
import { countWords } from "../../documents/packed-words.js";
import { FifoQueue } from "../../internal/async/fifo-queue.js";

/** The memory of one document, from when it is read until it is stored. */
export interface Reservation {
  /** Adds bytes that the document holds from now on; never waits. */
  grow(bytes: number): void;
  /** Ends the reading of the document, of which so many bytes stay in memory. */
  shrinkTo(bytes: number): void;
  /** Gives everything back. Releasing again does nothing. */
  release(): void;
}

/**
 * Keeps memory flat, however fast documents arrive and however slow the stages behind reading are: a document is read
 * only while few others are, and while all those that were read and are not yet stored hold less than `limit` bytes.
 *
 * Soft limit: admitted documents may exceed it, so that they cannot deadlock, and a document larger than the limit is
 * read alone. First come, first served.
 */
export class MemoryLimiter {
  readonly #limit: number;
  readonly #readers: number;
  readonly #queue = new FifoQueue<Reservation>(() => this.#grant());
  #held = 0;
  #admitted = 0;
  #reading = 0;

  /**
   * @param limit bytes
   * @param readers the most documents that are read at once
   */
  constructor(limit: number, readers: number) {
    this.#limit = limit;
    this.#readers = readers;
  }

  /** Bytes held at the moment. */
  get held(): number {
    return this.#held;
  }

  /** Waits until a document may be read. @throws UnsiloedError `ABORTED` */
  reserve(signal?: AbortSignal): Promise<Reservation> {
    return this.#queue.wait(signal);
  }

  #grant(): void {
    while (this.#queue.length > 0 && this.#mayAdmit()) this.#queue.grantFirst(this.#admit());
  }

  #mayAdmit(): boolean {
    return this.#admitted === 0 || (this.#reading < this.#readers && this.#held < this.#limit);
  }

  #admit(): Reservation {
    let own = 0;
    let isReading = true;
    let isReleased = false;
    this.#reading += 1;
    this.#admitted += 1;
    const grow = (bytes: number) => {
      own += bytes;
      this.#held += bytes;
    };
    const shrinkTo = (bytes: number) => {
      if (isReading) this.#reading -= 1;
      isReading = false;
      grow(bytes - own);
      this.#grant();
    };
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      this.#admitted -= 1;
      shrinkTo(0);
    };
    return { grow, shrinkTo, release };
  }
}

/** Measured on results of ordinary pages: a word as the splitter packs it, and a Document without text and words. */
const WORD_BYTES = 60;
const DOCUMENT_BYTES = 2_000;
const CHARACTER_BYTES = 2;

/** Estimates the memory that a segment takes. */
export const bytesOfSegment = ({ pageContent, metadata }: SegmentDocument): number =>
  DOCUMENT_BYTES +
  CHARACTER_BYTES * (pageContent.length + (metadata.html?.length ?? 0)) +
  WORD_BYTES * countWords(metadata);

/** Estimates the memory that splits take, without their vectors. */
export const bytesOfSplits = (splits: readonly SplitDocument[]): number =>
  splits.reduce((sum, { pageContent }) => sum + DOCUMENT_BYTES + CHARACTER_BYTES * pageContent.length, 0);
