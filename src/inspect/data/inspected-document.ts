import { embeddingText, lexicalTexts } from "../../documents/embedding-text.js";
import { WORD_NUMBERS } from "../../documents/packed-words.js";
import { flagReason, UNKNOWN_PAGE } from "../../documents/policies.js";
import { UnsiloedError } from "../../errors.js";
import { searchText } from "../../internal/text/search-text.js";
import type { LedgerRecord } from "../../ledger/record.js";
import { formatLocation } from "../../retrieval/citations.js";
import { inOrder, pagesOf, type StoredSplit } from "../../retrieval/expand/split-reader.js";
import type { PageRow, PageView, SegmentDetails, SegmentView, SplitDetails, SplitView } from "../contract.js";
import { type CaptionLink, captionLinks } from "./caption-links.js";
import { outcomeOf } from "./outcome.js";
import { preview } from "./preview.js";
import { type InspectedSegment, placesOf, wordsOf } from "./segments.js";

const documentOf = ({ content: pageContent, metadata }: StoredSplit) => ({ pageContent, metadata });

/** What is on a page, by the indices of its segments and splits. */
interface PageContents extends Pick<PageRow, "width" | "height"> {
  segments: number[];
  splits: number[];
}

const unknownPart = (part: string, what: string): UnsiloedError =>
  new UnsiloedError("INVALID_OPTION", `${part}: expected ${what}`);

/** A document that was opened: the segments of its parse result and the splits in the store, page by page. */
export class InspectedDocument {
  readonly record: LedgerRecord;
  /** In reading order. */
  readonly segments: readonly InspectedSegment[];
  /** In the order of the document. */
  readonly splits: readonly StoredSplit[];
  /** Places in `splits` by id. */
  readonly #orders: ReadonlyMap<string, number>;
  readonly #splitsOfSegment = new Map<number, string[]>();
  readonly #pages = new Map<number, PageContents>();
  readonly #captions: readonly CaptionLink[];
  #lexicals: string[] | undefined;

  /** @param pageCount what the result says; pages without a segment are pages, too */
  constructor(
    record: LedgerRecord,
    segments: readonly InspectedSegment[],
    splits: readonly StoredSplit[],
    pageCount: number | null,
  ) {
    this.record = record;
    this.segments = segments;
    this.splits = splits.toSorted(inOrder);
    this.#orders = new Map(this.splits.map(({ id }, order) => [id, order]));
    this.#captions = captionLinks(segments, this.splits);
    for (let page = 1; page <= (pageCount ?? 0); page++) this.#page(page);
    for (const [index, segment] of segments.entries())
      for (const { page, width, height } of placesOf(segment)) {
        const contents = this.#page(page, { width, height });
        if (!contents.segments.includes(index)) contents.segments.push(index);
      }
    for (const [order, split] of this.splits.entries()) {
      const { page_number, page_width: width, page_height: height, segment_indices } = split.metadata;
      for (const page of new Set(pagesOf(split)))
        this.#page(page, page === page_number ? { width, height } : {}).splits.push(order);
      for (const index of segment_indices) {
        const known = this.#splitsOfSegment.get(index);
        if (known) known.push(split.id);
        else this.#splitsOfSegment.set(index, [split.id]);
      }
    }
  }

  /** The title that its splits repeat. */
  get title(): string | null {
    return this.splits.find(({ metadata }) => metadata.title !== undefined)?.metadata.title ?? null;
  }

  get hasWords(): boolean {
    return this.segments.some(({ words }) => words.text !== "");
  }

  /** The pages in order; those of unknown number come last. */
  get pages(): PageRow[] {
    const rows = [...this.#pages.keys()].map((number) => this.#row(number));
    return rows.sort((a, b) => (a.number || Number.MAX_SAFE_INTEGER) - (b.number || Number.MAX_SAFE_INTEGER));
  }

  /** Shows a segment on the page that it begins on. @throws UnsiloedError `INVALID_OPTION` */
  viewOf(index: number): SegmentView {
    return this.#segmentView(index, this.segments[index]?.document.metadata.page_number ?? UNKNOWN_PAGE);
  }

  /** @throws UnsiloedError `INVALID_OPTION` */
  page(number: number): PageView {
    const contents = this.#pages.get(number);
    if (!contents) throw unknownPart(`page ${number}`, "a page of the document");
    const here = new Set(contents.segments);
    return {
      ...this.#row(number),
      segmentViews: contents.segments.map((index) => this.#segmentView(index, number)),
      splitViews: contents.splits.map((order) => this.#splitView(order, number)),
      captions: this.#captions.filter(({ caption, describes }) => here.has(caption) && here.has(describes)),
      words: contents.segments.flatMap((index) => {
        const segment = this.segments[index];
        return segment && segment.document.metadata.page_number === number ? wordsOf(segment) : [];
      }),
    };
  }

  /** @throws UnsiloedError `INVALID_OPTION` */
  segment(index: number): SegmentDetails {
    const segment = this.segments[index];
    if (!segment) throw unknownPart(`segment ${index}`, "a segment of the document");
    const { pageContent: text, metadata } = segment.document;
    const { page_number: page, section_path: sectionPath } = metadata;
    const words = segment.words.numbers.length / WORD_NUMBERS;
    return { view: this.#segmentView(index, page), page, text, sectionPath, raw: segment.raw, words };
  }

  /** @throws UnsiloedError `INVALID_OPTION` */
  async split(id: string): Promise<SplitDetails> {
    const order = this.#orders.get(id) ?? -1;
    const split = this.splits[order];
    if (!split) throw unknownPart(`split ${id}`, "a split of the document");
    const { countTokens } = await import("../../internal/text/tokens.js");
    const { metadata, content: text } = split;
    const embedded = embeddingText(documentOf(split));
    this.#lexicals ??= lexicalTexts(this.splits.map(documentOf));
    const neighbour = (at: number) => {
      const other = this.splits[at];
      return other ? { id: other.id, page: other.metadata.page_number, text: preview(other.content) } : null;
    };
    return {
      view: this.#splitView(order, metadata.page_number),
      page: metadata.page_number,
      text,
      embedded,
      lexical: searchText(this.#lexicals[order] ?? text),
      tokens: countTokens(embedded),
      location: formatLocation(documentOf(split)),
      metadata,
      previous: neighbour(order - 1),
      next: neighbour(order + 1),
    };
  }

  /** Returns the contents of a page, and notes its size where it was not known yet. */
  #page(
    number: number,
    { width = null, height = null }: Partial<Pick<PageRow, "width" | "height">> = {},
  ): PageContents {
    const contents = this.#pages.get(number) ?? { width, height, segments: [], splits: [] };
    contents.width ??= width;
    contents.height ??= height;
    this.#pages.set(number, contents);
    return contents;
  }

  #row(number: number): PageRow {
    const { width, height, segments, splits } = this.#page(number);
    const marked = segments.filter((index) => {
      const { outcome, flag } = this.#segmentView(index, number);
      return outcome.kind === "left_out" || flag !== null;
    }).length;
    return { number, width, height, segments: segments.length, splits: splits.length, marked };
  }

  #segmentView(index: number, page: number): SegmentView {
    const segment = this.segments[index];
    if (!segment) throw unknownPart(`segment ${index}`, "a segment of the document");
    const { document } = segment;
    const { segment_type: type, confidence } = document.metadata;
    const splits = this.#splitsOfSegment.get(index) ?? [];
    return {
      index,
      type,
      box: placesOf(segment).find((place) => place.page === page)?.box ?? null,
      confidence,
      outcome: outcomeOf(document, splits.length > 0, this.record.segments),
      flag: this.#flagOf(splits) ?? (document.metadata.page_number === UNKNOWN_PAGE ? "unknown_page" : null),
      text: preview(document.pageContent),
      splits,
    };
  }

  /** The reason for which a policy flagged a segment, as its splits say it. */
  #flagOf(ids: readonly string[]): string | null {
    const [first = ""] = ids;
    const split = this.splits[this.#orders.get(first) ?? -1];
    return split ? flagReason(documentOf(split)) : null;
  }

  #splitView(order: number, page: number): SplitView {
    const split = this.splits[order];
    if (!split) throw unknownPart(`split ${order}`, "a split of the document");
    const { metadata } = split;
    const { row_start, row_end = row_start, header = [] } = metadata;
    return {
      id: split.id,
      order,
      type: metadata.segment_type,
      boxes: metadata.boxes.flatMap(({ page_number, bbox }) => (page_number === page && bbox ? [bbox] : [])),
      precision: metadata.bbox_precision,
      segments: metadata.segment_indices,
      part: { index: metadata.part_index, count: metadata.part_count },
      rows: row_start === undefined ? null : { from: row_start, to: row_end ?? row_start, header },
      caption: metadata.caption ?? null,
      captionOf: metadata.caption_of ?? null,
      text: preview(split.content),
    };
  }
}
