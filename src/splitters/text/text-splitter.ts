import { embeddingText } from "../../documents/embedding-text.js";
import type { SegmentDocument } from "../../documents/metadata.js";
import { isHeading } from "../../documents/segment-type.js";
import { sameItems, startsWith } from "../../internal/lists.js";
import { isCode, trimmedRange, trimText } from "../../internal/text/trim.js";
import type { DraftMetadata, Excerpt, SplitDraft, TextRange } from "../split-draft.js";
import { JOINT, type TokenBudget } from "../token-budget.js";
import { type CutOptions, cutText } from "./cut-text.js";
import { sentences } from "./sentences.js";

type Segments = [SegmentDocument, ...SegmentDocument[]];

/** Headings and the segment below them, which stay together; or a segment without headings. */
interface Block {
  segments: Segments;
  text: string;
  tokens: number;
  path: readonly string[];
}

/** Types of which one segment is a line among others of its kind. */
const LINES = new Set(["ListItem", "KeyValuePair"]);

const joined = (segments: readonly SegmentDocument[]): string => {
  let text = "";
  let before: string | undefined;
  for (const { pageContent, metadata } of segments) {
    const separator = before === metadata.segment_type && LINES.has(metadata.segment_type) ? "\n" : "\n\n";
    const own = trimText(pageContent);
    text += before === undefined ? own : separator + own;
    before = metadata.segment_type;
  }
  return text;
};

/** Groups headings with the segment that follows, if it is under them. */
const toBlocks = (run: readonly SegmentDocument[], { count }: TokenBudget): Block[] => {
  const blocks: Block[] = [];
  let headings: SegmentDocument[] = [];
  const close = (last?: SegmentDocument) => {
    const [first, ...rest] = last ? [...headings, last] : headings;
    if (!first) return;
    const segments: Segments = [first, ...rest];
    const end = segments.at(-1) ?? first;
    const text = joined(segments);
    blocks.push({ segments, text, tokens: count(text), path: end.metadata.section_path });
    headings = [];
  };
  for (const segment of run) {
    const above = headings.at(-1);
    if (above && !startsWith(segment.metadata.section_path, above.metadata.section_path)) close();
    if (isHeading(segment.metadata.segment_type)) headings.push(segment);
    else close(segment);
  }
  close();
  return blocks;
};

/** Yields the lines of a text, each with its end. */
export function* lines(text: string): Generator<TextRange> {
  for (const { index, 0: line } of text.matchAll(/[^\n]*\n|[^\n]+/g))
    yield { start: index, end: index + line.length };
}

/** Yields the lines of code, and the sentences of any other text. */
const textUnits = (text: string): Iterable<TextRange> => (isCode(text) ? lines(text) : sentences(text));

const draftOf = (
  text: string,
  excerpt: Excerpt,
  segment: SegmentDocument,
  budget: TokenBudget,
  metadata: DraftMetadata,
): SplitDraft => ({
  text,
  segments: [segment],
  sectionPath: budget.fitPath(segment.metadata.section_path),
  metadata,
  excerpt,
});

/** Cuts a text that is too long for one split. The parameters are those of {@link splitUnder}. */
const cutUnder = (
  context: string,
  text: string,
  segment: SegmentDocument,
  budget: TokenBudget,
  metadata: DraftMetadata,
  units: CutOptions["units"],
): SplitDraft[] => {
  const room = budget.size - budget.prefixTokens(budget.fitPath(segment.metadata.section_path), "");
  const contextTokens = context ? budget.count(context) + JOINT : 0;
  const inFirst = context !== "" && contextTokens <= room / 2;
  const inRest = context !== "" && contextTokens <= room / 4;
  const parts = cutText(text, {
    first: room - (inFirst ? contextTokens : 0),
    rest: room - (inRest ? contextTokens : 0),
    overlap: units === lines ? 0 : budget.overlap,
    count: budget.count,
    units,
  });
  const keepsIndentation = isCode(text);
  return parts.map(({ start, end }, index) => {
    const part = trimmedRange(text, start, end, keepsIndentation);
    const whole = (index === 0 ? inFirst : inRest) ? `${context}\n\n${part}` : part;
    return draftOf(whole, { of: text, start, end }, segment, budget, metadata);
  });
};

/**
 * A text under a context, such as a caption, in one part or several. A context that would take much of each part goes
 * with the first one only, or gives way altogether.
 *
 * @param units the ranges of the text that are not cut if they fit
 */
export const splitUnder = (
  context: string,
  text: string,
  segment: SegmentDocument,
  budget: TokenBudget,
  metadata: DraftMetadata = {},
  units: CutOptions["units"] = textUnits,
): SplitDraft[] => {
  if (text === "") return context === "" ? [] : splitUnder("", context, segment, budget, metadata);
  const excerpt = { of: text, start: 0, end: text.length };
  const whole = draftOf(context ? `${context}\n\n${text}` : text, excerpt, segment, budget, metadata);
  const tokens = budget.count(whole.text) + budget.prefixTokens(whole.sectionPath, whole.text);
  if (budget.fits(tokens, 1, () => render(whole))) return [whole];
  return cutUnder(context, text, segment, budget, metadata, units);
};

/** Makes one segment a split of its own, or several if it is too long. */
export const splitAlone = (
  segment: SegmentDocument,
  budget: TokenBudget,
  metadata: DraftMetadata = {},
): SplitDraft[] => splitUnder("", trimText(segment.pageContent), segment, budget, metadata);

const render = ({ text, sectionPath }: SplitDraft): string =>
  embeddingText({ pageContent: text, metadata: { section_path: sectionPath } });

/** Packs consecutive text segments into splits, in reading order. */
export class TextSplitter {
  readonly #budget: TokenBudget;

  constructor(budget: TokenBudget) {
    this.#budget = budget;
  }

  /** @returns groups of parts: packs of one part each, and the parts of segments that are too long */
  split(run: readonly SegmentDocument[]): SplitDraft[][] {
    const groups: SplitDraft[][] = [];
    let pack: Pack | undefined;
    for (const block of toBlocks(run, this.#budget)) {
      if (pack?.add(block)) continue;
      if (pack) groups.push([pack.draft]);
      pack = Pack.open(block, this.#budget);
      if (!pack) groups.push(...this.#splitBlock(block));
    }
    if (pack) groups.push([pack.draft]);
    return groups;
  }

  /** Cuts a block that is too long. Short headings go into the first split; headings that would fill it become splits. */
  #splitBlock({ segments, path }: Block): SplitDraft[][] {
    const headings = segments.slice(0, -1);
    const [first, ...rest] = segments;
    const last = segments.at(-1) ?? first;
    const context = joined(headings);
    const text = trimText(last.pageContent);
    if (!context) return [cutUnder("", text, last, this.#budget, {}, textUnits)];
    if (this.#budget.count(context) > this.#budget.size / 3) {
      return segments.map((segment) => splitAlone(segment, this.#budget));
    }
    const room = this.#budget.size - this.#budget.count(context) - JOINT;
    const sectionPath = this.#budget.fitPath(path);
    const parts = cutText(text, {
      first: room - this.#budget.prefixTokens(sectionPath, context),
      rest: this.#budget.size - this.#budget.prefixTokens(sectionPath, ""),
      overlap: this.#budget.overlap,
      count: this.#budget.count,
      units: textUnits,
    });
    const keepsIndentation = isCode(text);
    const drafts = parts.map(({ start, end }, index): SplitDraft => {
      const part = trimmedRange(text, start, end, keepsIndentation);
      const excerpt = { of: text, start, end };
      return index === 0
        ? { text: `${context}\n\n${part}`, segments: [first, ...rest], sectionPath, excerpt }
        : { text: part, segments: [last], sectionPath, excerpt };
    });
    return [drafts];
  }
}

/** Collects neighbouring blocks of one section that fit into one split. */
class Pack {
  readonly #budget: TokenBudget;
  readonly #path: readonly string[];
  readonly #sectionPath: string[];
  readonly #segments: Segments;
  #tokens: number;
  #joints: number;

  private constructor(block: Block, tokens: number, budget: TokenBudget) {
    this.#budget = budget;
    this.#path = block.path;
    this.#sectionPath = budget.fitPath(block.path);
    this.#segments = [...block.segments];
    this.#tokens = tokens;
    this.#joints = block.segments.length;
  }

  /** Opens a pack with a block. @returns `undefined` if the block alone is too long */
  static open(block: Block, budget: TokenBudget): Pack | undefined {
    const prefix = budget.prefixTokens(budget.fitPath(block.path), block.text);
    const pack = new Pack(block, prefix + block.tokens, budget);
    return budget.fits(pack.#tokens, pack.#joints, () => render(pack.draft)) ? pack : undefined;
  }

  get draft(): SplitDraft {
    return { text: joined(this.#segments), segments: this.#segments, sectionPath: this.#sectionPath };
  }

  add(block: Block): boolean {
    // A subsection stands apart however short it is, because one split has one section path.
    if (!sameItems(block.path, this.#path)) return false;
    const tokens = this.#tokens + block.tokens;
    const joints = this.#joints + JOINT;
    const whole = (): string => {
      const text = joined([...this.#segments, ...block.segments]);
      return render({ text, segments: this.#segments, sectionPath: this.#sectionPath });
    };
    if (!this.#budget.fits(tokens, joints, whole)) return false;
    this.#segments.push(...block.segments);
    this.#tokens = tokens;
    this.#joints = joints;
    return true;
  }
}
