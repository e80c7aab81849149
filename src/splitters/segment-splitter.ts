import { BaseDocumentTransformer } from "@langchain/core/documents";
import type { SegmentDocument, SplitDocument } from "../documents/metadata.js";
import {
  CollectingRun,
  type DocumentSplitter,
  type SplitOptions,
  type SplitRun,
} from "../documents/splitter.js";
import { parseOptions } from "../internal/options.js";
import { WorkerPool } from "../internal/worker-pool.js";
import { type SegmentSplitterOptions, segmentSplitterSchema } from "./options.js";
import { type SplitPool, ThreadedSplitRun } from "./split-run.js";
import { type SplitSettings, splitSegments } from "./split-segments.js";

/** Raise it when the same segments would be split in another way than by earlier versions of this package. */
const SPLITS_VERSION = 4;

/** A thread of Node 20 cannot run TypeScript: where this file is not compiled, what was built is taken. */
const SCRIPT = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/src/splitters/split-thread.js" : "./split-thread.js",
  import.meta.url,
);

/**
 * Splits the segments of parsed documents along their structure, within a budget of tokens.
 *
 * Text is packed with its neighbours of the same section and split at sentence ends when it is longer; tables are
 * split into whole rows, caption and header repeated; captions, footnotes and page furniture stay apart from the
 * prose. The budget holds for everything that is embedded: section path, caption, header and text
 * (`embeddingText`). Where a section path would take more than a third of it, outer headings are left out.
 *
 * Segments that were loaded with `words: true` give exact boxes: one for each line of the very words of a split, one
 * for the rows of a table. Nothing made here refers to the word boxes afterwards, so that they can be freed with the
 * segments.
 *
 * Takes the Documents of the loaders of this package, of one document or several, in reading order. What takes longer
 * than a moment is split in a thread, so that the program goes on meanwhile; it does not keep a program alive.
 *
 * @example
 * ```ts
 * const splits = await new SegmentSplitter({ chunkSize: 300 }).transformDocuments(await loader.load());
 * const chain = new SegmentSplitter().pipe((splits) => splits.length);
 * ```
 */
export class SegmentSplitter
  extends BaseDocumentTransformer<SegmentDocument[], SplitDocument[]>
  implements DocumentSplitter
{
  static override lc_name(): string {
    return "SegmentSplitter";
  }

  override lc_namespace = ["unsiloed_ingest", "splitters"];
  /** Absent with a count of tokens of your own, of which nobody can tell whether it changed. */
  readonly fingerprint?: string;
  readonly takesPackedWords = true;
  readonly #settings: SplitSettings;
  readonly #countTokens: ((text: string) => number) | undefined;
  readonly #pool: SplitPool | undefined;

  /** @throws UnsiloedError `INVALID_OPTION` */
  constructor(options: SegmentSplitterOptions = {}) {
    super();
    const settings = parseOptions(segmentSplitterSchema, options, "SegmentSplitter");
    const { chunkSize, chunkOverlap, countTokens, threads } = settings;
    this.#settings = { chunkSize, chunkOverlap };
    this.#countTokens = countTokens;
    if (countTokens) return;
    this.fingerprint = `segments-${SPLITS_VERSION} ${chunkSize}/${chunkOverlap}`;
    if (threads > 0)
      this.#pool = new WorkerPool({
        script: SCRIPT,
        threads,
        what: "the splitter",
        code: "UNEXPECTED",
        idleMs: 5_000,
        onAbort: "end",
      });
  }

  /**
   * @returns splits in reading order, document after document
   * @throws UnsiloedError `INVALID_OPTION` when a Document lacks the metadata of a segment; `ABORTED`; `UNEXPECTED`
   *   when a thread cannot be started or crashes
   */
  override async transformDocuments(
    documents: SegmentDocument[],
    { signal }: SplitOptions = {},
  ): Promise<SplitDocument[]> {
    const run = this.open();
    run.add(documents);
    return run.finish({ signal });
  }

  /** Takes segments as they are read; word boxes are not held as objects then. */
  open(): SplitRun {
    return this.#pool
      ? new ThreadedSplitRun(this.#pool, this.#settings)
      : new CollectingRun((documents) => splitSegments(documents, this.#settings, this.#countTokens));
  }

  /** The same as {@link transformDocuments}, under the name that the stock splitters have for it. */
  async splitDocuments(documents: SegmentDocument[]): Promise<SplitDocument[]> {
    return this.transformDocuments(documents);
  }

  /** Ends the threads; calls that wait fail with `ABORTED`. The next call starts anew. */
  async close(): Promise<void> {
    await this.#pool?.close();
  }
}
