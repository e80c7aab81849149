import { BaseDocumentTransformer } from "@langchain/core/documents";
import type { SegmentDocument, SplitDocument } from "../documents/metadata.js";
import type { DocumentSplitter } from "../documents/splitter.js";
import { parseOptions } from "../internal/options.js";
import { TokenBudget } from "./budget.js";
import { DocumentDrafts } from "./document-drafts.js";
import { groupByDocument } from "./input.js";
import { type SegmentSplitterOptions, segmentSplitterSchema } from "./options.js";
import { Places } from "./places.js";
import { SplitMaker } from "./split-maker.js";

/** Raise it when the same segments would be split in another way than by earlier versions of this package. */
const SPLITS_VERSION = 4;

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
 * Takes the Documents of the loaders of this package, of one document or several, in reading order.
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
  readonly #chunkSize: number;
  readonly #chunkOverlap: number;
  #countTokens: ((text: string) => number) | undefined;

  /** @throws UnsiloedError `INVALID_OPTION` */
  constructor(options: SegmentSplitterOptions = {}) {
    super();
    const { chunkSize, chunkOverlap, countTokens } = parseOptions(
      segmentSplitterSchema,
      options,
      "SegmentSplitter",
    );
    this.#chunkSize = chunkSize;
    this.#chunkOverlap = chunkOverlap;
    this.#countTokens = countTokens;
    if (!countTokens) this.fingerprint = `segments-${SPLITS_VERSION} ${chunkSize}/${chunkOverlap}`;
  }

  /**
   * @returns splits in reading order, document after document
   * @throws UnsiloedError `INVALID_OPTION` when a Document lacks the metadata of a segment
   */
  override async transformDocuments(documents: SegmentDocument[]): Promise<SplitDocument[]> {
    const byDocument = groupByDocument(documents);
    this.#countTokens ??= (await import("../internal/tokens.js")).countTokens;
    const isOwnCount = this.fingerprint !== undefined;
    const budget = new TokenBudget(this.#chunkSize, this.#chunkOverlap, this.#countTokens, isOwnCount);
    const splits: SplitDocument[] = [];
    const maker = new SplitMaker();
    for (const segments of byDocument) {
      const places = new Places();
      for (const drafts of new DocumentDrafts(segments, budget).inOrder()) {
        for (const split of maker.make(drafts, (draft) => places.of(draft))) splits.push(split);
      }
    }
    return splits;
  }

  /** The same as {@link transformDocuments}, under the name that the stock splitters have for it. */
  async splitDocuments(documents: SegmentDocument[]): Promise<SplitDocument[]> {
    return this.transformDocuments(documents);
  }
}
