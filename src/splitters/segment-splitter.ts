import { BaseDocumentTransformer } from "@langchain/core/documents";
import type { SegmentDocument, SplitDocument } from "../documents/metadata.js";
import type { DocumentSplitter, SplitOptions, SplitRun } from "../documents/splitter.js";
import type { SegmentSplitterOptions } from "./options.js";
import { StructureSplitter } from "./structure-splitter.js";

/**
 * Splits the segments of parsed documents along their structure, within a budget of tokens.
 *
 * Text is packed with its neighbours of the same section and split at sentence ends when it is longer; tables are
 * split into whole rows, caption and header repeated; captions, footnotes, page headers and footers stay apart from the
 * prose. The budget holds for everything that is embedded: title, section path, caption, header and
 * text (`embeddingText`). Where title and section path would take more than a third of it, outer headings are left out.
 *
 * Segments that were loaded with `words: true` give exact boxes: one for each line of the very words of a split, one
 * for the rows of a table. Nothing made here refers to the word boxes afterwards, so that they can be freed with the
 * segments.
 *
 * Takes the Documents of the loaders of this package, of one document or several, in reading order. Long documents
 * are split in a thread, so that the program continues. Splitters share their threads, which do not keep a program
 * alive and end after some seconds without work; a splitter need not be closed. Keys of your own in the metadata stay
 * where they are and stand, the very same values, in the splits.
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
  /** Absent with a `countTokens` of your own, because a change of it cannot be noticed. */
  readonly fingerprint?: string;
  readonly takesPackedWords = true;
  readonly #splitter: StructureSplitter;

  /** @throws UnsiloedError `INVALID_OPTION` */
  constructor(options: SegmentSplitterOptions = {}) {
    super();
    this.#splitter = new StructureSplitter(options);
    const { fingerprint } = this.#splitter;
    if (fingerprint !== undefined) this.fingerprint = fingerprint;
  }

  /**
   * @returns splits in reading order, document after document
   * @throws UnsiloedError `INVALID_OPTION`, naming it, when a Document lacks the text or the metadata of a segment;
   *   `ABORTED`; `UNEXPECTED` when a thread cannot be started or crashes
   */
  override async transformDocuments(
    documents: SegmentDocument[],
    options: SplitOptions = {},
  ): Promise<SplitDocument[]> {
    return this.#splitter.transformDocuments(documents, options);
  }

  /** Opens a session that takes segments as they are read and keeps no word boxes as objects. */
  open(): SplitRun {
    return this.#splitter.open();
  }

  /** Does the same as {@link transformDocuments}, under the name that LangChain's text splitters use. */
  async splitDocuments(documents: SegmentDocument[]): Promise<SplitDocument[]> {
    return this.transformDocuments(documents);
  }

  /** Ends idle threads; waiting calls of this splitter fail with `ABORTED`. The next call starts new threads. */
  async close(): Promise<void> {
    await this.#splitter.close();
  }
}
