import type { SegmentDocument, SplitDocument } from "../../documents/metadata.js";
import { countWords } from "../../documents/packed-words.js";
import type { SplitOptions, SplitRun } from "../../documents/splitter.js";
import { throwIfAborted } from "../../internal/async/clock.js";
import { readInput, type Said } from "../input.js";
import { completeSplits, type UnmergedSplit } from "../split-metadata.js";
import { type SplitSettings, splitSegments } from "../split-segments.js";
import type { SplitWorkers } from "./split-workers.js";

/** From so many characters on, about 10 ms of work, a thread is worth its messages. */
const THREAD_LENGTH = 100_000;
/** What the boxes of a word cost to find, in characters of text. */
const WORD_LENGTH = 20;

const lengthOf = ({ pageContent, metadata }: SegmentDocument): number =>
  pageContent.length + (metadata.html?.length ?? 0) + countWords(metadata) * WORD_LENGTH;

export interface SegmentRunOptions {
  settings: SplitSettings;
  countTokens?: ((text: string) => number) | undefined;
  /** For what takes longer than a moment. @default none */
  threads?: SplitWorkers | undefined;
}

/** Segments on their way to be split, here or in a thread. Their words are packed as they come. */
export class SegmentRun implements SplitRun {
  readonly #options: SegmentRunOptions;
  readonly #said: Said[] = [];
  readonly #segments: SegmentDocument[] = [];
  #length = 0;
  #refusal: { error: unknown } | undefined;

  constructor(options: SegmentRunOptions) {
    this.#options = options;
  }

  /** What is wrong with a Document is told at the end. */
  add(documents: readonly SegmentDocument[]): void {
    try {
      for (const document of documents) if (!this.#refusal) this.#add(document);
    } catch (error) {
      this.#refusal = { error };
    }
  }

  async finish({ signal }: SplitOptions = {}): Promise<SplitDocument[]> {
    throwIfAborted(signal);
    if (this.#refusal) throw this.#refusal.error;
    const made = await this.#split(signal);
    throwIfAborted(signal);
    return completeSplits(made, this.#said);
  }

  #add(document: SegmentDocument): void {
    const { segment, said } = readInput(document, this.#said.length);
    this.#said.push(said);
    this.#segments.push(segment);
    this.#length += lengthOf(segment);
  }

  #split(signal: AbortSignal | undefined): Promise<UnmergedSplit[]> {
    const { settings, countTokens, threads } = this.#options;
    const segments = this.#segments;
    const inThread =
      this.#length >= THREAD_LENGTH ? threads?.split({ segments, settings }, signal) : undefined;
    return inThread ?? splitSegments(segments, settings, countTokens);
  }
}
