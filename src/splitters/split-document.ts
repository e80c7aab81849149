import type { SegmentDocument } from "../documents/metadata.js";
import { sameItems } from "../internal/lists.js";
import { type CaptionLinks, linkCaptions } from "./captions/link-captions.js";
import { References } from "./captions/references.js";
import type { DraftMetadata, SplitDraft } from "./split-draft.js";
import { type Table, TableReader } from "./tables/reading/table-reader.js";
import { TableSplitter } from "./tables/splitting/table-splitter.js";
import { TableCost } from "./tables/splitting/token-cost.js";
import { continues, endsOpen } from "./text/continuation.js";
import { wordsOf } from "./text/join-texts.js";
import { lines, splitAlone, splitUnder, TextSplitter } from "./text/text-splitter.js";
import type { TokenBudget } from "./token-budget.js";

const hasText = ({ pageContent }: SegmentDocument): boolean => pageContent.trim() !== "";

/** Routes the segments of one document to the splitter of their type. */
export class DocumentRouter {
  readonly #budget: TokenBudget;
  readonly #segments: readonly SegmentDocument[];
  readonly #tables: TableReader;
  readonly #tableCost: TableCost;
  readonly #captions: CaptionLinks;
  readonly #references: References;
  readonly #groups: SplitDraft[][] = [];
  readonly #text: TextSplitter;
  #run: SegmentDocument[] = [];
  /** Whether something stands after the last segment of the run past which only a sentence continues. */
  #isInterrupted = false;
  #footnotes: SegmentDocument[] = [];
  #pairs: SegmentDocument[] = [];

  constructor(segments: readonly SegmentDocument[], budget: TokenBudget) {
    this.#budget = budget;
    this.#segments = segments;
    this.#tables = new TableReader(segments);
    this.#tableCost = new TableCost(budget);
    let words: ReadonlySet<string> | undefined;
    this.#text = new TextSplitter(budget, () => {
      words ??= wordsOf(segments.map(({ pageContent }) => pageContent));
      return words;
    });
    this.#captions = linkCaptions(segments, (table) => this.#tables.continues(table));
    this.#references = new References(segments, this.#captions);
  }

  /** Splits all segments. @returns groups of splits that belong together, in the order of their first segments */
  split(): SplitDraft[][] {
    for (const segment of this.#segments) this.#route(segment);
    this.#closeRun();
    this.#closeFootnotes();
    this.#closePairs();
    const places = new Map(this.#segments.map((segment, index) => [segment, index]));
    const placeOf = ([draft]: SplitDraft[]): number => (draft && places.get(draft.segments[0])) ?? 0;
    return this.#groups
      .filter((group) => group.length > 0)
      .sort((a, b) => placeOf(a) - placeOf(b))
      .map((group) => group.map((draft) => this.#references.addTo(draft)));
  }

  #route(segment: SegmentDocument): void {
    switch (segment.metadata.segment_type) {
      case "PageHeader":
      case "PageFooter":
        this.#groups.push(splitAlone(segment, this.#budget));
        return;
      case "Footnote":
        if (this.#footnotes[0]?.metadata.page_number !== segment.metadata.page_number) this.#closeFootnotes();
        if (hasText(segment)) this.#footnotes.push(segment);
        return;
      case "KeyValuePair":
        if (!this.#goesOnPairs(segment)) this.#closePairs();
        if (hasText(segment)) this.#pairs.push(segment);
        return;
      case "Signature":
      case "Seal":
        this.#groups.push(this.#splitNamed(segment));
        return;
      case "Table":
        this.#closeRun();
        this.#groups.push(this.#splitTables(segment));
        return;
      case "Picture":
        this.#interruptRun();
        this.#groups.push(this.#splitPicture(segment));
        return;
      case "Caption":
        this.#pushCaption(segment);
        return;
      default:
        if (this.#captions.ofCaption(segment)) this.#pushCaption(segment);
        else if (hasText(segment)) this.#pushText(segment);
    }
  }

  #pushText(segment: SegmentDocument): void {
    const last = this.#run.at(-1);
    if (this.#isInterrupted && last && !continues(last, segment)) this.#closeRun();
    this.#isInterrupted = false;
    this.#run.push(segment);
  }

  /** Ends the run, unless its last sentence may continue. */
  #interruptRun(): void {
    const last = this.#run.at(-1);
    if (last && endsOpen(last)) this.#isInterrupted = true;
    else this.#closeRun();
  }

  #pushCaption(caption: SegmentDocument): void {
    this.#interruptRun();
    this.#groups.push(splitAlone(caption, this.#budget, this.#ofCaption(caption)));
  }

  #closeRun(): void {
    for (const group of this.#text.split(this.#run)) this.#groups.push(group);
    this.#run = [];
    this.#isInterrupted = false;
  }

  #closeFootnotes(): void {
    for (const group of this.#text.split(this.#footnotes)) this.#groups.push(group);
    this.#footnotes = [];
  }

  /** Tells whether a pair belongs to those before: under the same headings, on the same page or the next. */
  #goesOnPairs({ metadata }: SegmentDocument): boolean {
    const last = this.#pairs.at(-1)?.metadata;
    return (
      last === undefined ||
      (metadata.page_number - last.page_number <= 1 && sameItems(metadata.section_path, last.section_path))
    );
  }

  #closePairs(): void {
    for (const group of this.#text.split(this.#pairs)) this.#groups.push(group);
    this.#pairs = [];
  }

  /** Splits a segment whose text rarely says what it is under the name of its type. */
  #splitNamed(segment: SegmentDocument): SplitDraft[] {
    const { segment_type } = segment.metadata;
    const text = segment.pageContent.trim();
    const saysSo = text === "" || text.toLowerCase().includes(segment_type.toLowerCase());
    return splitUnder(saysSo ? "" : segment_type, text, segment, this.#budget);
  }

  #ofCaption(caption: SegmentDocument): DraftMetadata {
    const link = this.#captions.ofCaption(caption);
    if (!link) return {};
    const { segment_id } = link.target.metadata;
    return { ...(segment_id != null && { caption_of: segment_id }), caption_score: link.score };
  }

  #ofTarget(target: SegmentDocument): DraftMetadata {
    const link = this.#captions.ofTarget(target);
    if (!link) return {};
    const { segment_id } = link.caption.metadata;
    return {
      caption: link.caption.pageContent.trim(),
      ...(segment_id != null && { caption_id: segment_id }),
      caption_score: link.score,
    };
  }

  #splitPicture(picture: SegmentDocument): SplitDraft[] {
    const metadata = this.#ofTarget(picture);
    return splitUnder(metadata.caption ?? "", picture.pageContent.trim(), picture, this.#budget, metadata);
  }

  #splitTables(segment: SegmentDocument): SplitDraft[] {
    const { tables, outside } = this.#tables.tablesOf(segment);
    const drafts = tables.flatMap((table) => this.#splitTable(table));
    if (outside === "") return drafts;
    const metadata = this.#ofTarget(segment);
    return [
      ...drafts,
      ...splitUnder(metadata.caption ?? "", outside, segment, this.#budget, metadata, lines),
    ];
  }

  /** Splits a table, whose caption may be above its first segment or below its last. */
  #splitTable(table: Table): SplitDraft[] {
    const captions = table.segmentRows.map(({ segment }) => this.#ofTarget(segment));
    const metadata = captions.find(({ caption }) => caption !== undefined) ?? {};
    return new TableSplitter(table, metadata, this.#budget, this.#tableCost).split();
  }
}
