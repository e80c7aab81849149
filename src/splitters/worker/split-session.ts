import type { SegmentDocument, SplitDocument } from "../../documents/metadata.js";
import { countWords } from "../../documents/packed-words.js";
import type { SplitOptions, SplitRun } from "../../documents/splitter.js";
import { throwIfAborted } from "../../internal/async/clock.js";
import { type RepeatedMetadata, readInput } from "../input.js";
import { completeSplits, type UnmergedSplit } from "../split-metadata.js";
import type { SplitSettings } from "../split-segments.js";
import type { SplitWorkers } from "./split-workers.js";

/**
 * From so many characters on, about 50 ms of work, a document is split in a thread. Shorter ones would pay more for it
 * than they gain: a thread compiles the splitter a second time, and holds 100 MB.
 */
const THREAD_LENGTH = 1_000_000;
/** The work of locating a word, in characters of text. */
const WORD_LENGTH = 20;

const lengthOf = ({ pageContent, metadata }: SegmentDocument): number =>
  pageContent.length + (metadata.html?.length ?? 0) + countWords(metadata) * WORD_LENGTH;

export interface SplitSessionOptions {
  settings: SplitSettings;
  countTokens?: ((text: string) => number) | undefined;
  /** Threads for what takes longer than a moment. @default none */
  threads?: SplitWorkers | undefined;
}

/** Collects segments, packing their words as they come, and splits them on this thread or in another. */
export class SplitSession implements SplitRun {
  readonly #options: SplitSessionOptions;
  readonly #repeated: RepeatedMetadata[] = [];
  readonly #segments: SegmentDocument[] = [];
  #length = 0;
  #refusal: { error: unknown } | undefined;

  constructor(options: SplitSessionOptions) {
    this.#options = options;
  }

  /** Adds segments. Validation errors surface in {@link finish}. */
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
    return completeSplits(made, this.#repeated);
  }

  #add(document: SegmentDocument): void {
    const { segment, repeated } = readInput(document, this.#repeated.length);
    this.#repeated.push(repeated);
    this.#segments.push(segment);
    this.#length += lengthOf(segment);
  }

  async #split(signal: AbortSignal | undefined): Promise<UnmergedSplit[]> {
    const { settings, countTokens, threads } = this.#options;
    const segments = this.#segments;
    const inThread =
      this.#length >= THREAD_LENGTH ? threads?.split({ segments, settings }, signal) : undefined;
    if (inThread) return inThread;
    // Loaded here, so that a program that waits for its first job has not waited for this.
    const { splitSegments } = await import("../split-segments.js");
    return splitSegments(segments, settings, countTokens);
  }
}
