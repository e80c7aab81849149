import { embeddingText } from "../../documents/embedding-text.js";
import type { SegmentDocument } from "../../documents/metadata.js";
import { isHeading } from "../../documents/segment-type.js";
import { sameItems, startsWith } from "../../internal/lists.js";
import { isCode, trimmedRange, trimText } from "../../internal/text/trim.js";
import type { DraftMetadata, Excerpt, SplitDraft, TextRange } from "../split-draft.js";
import { JOINT, type TokenBudget } from "../token-budget.js";
import { type CutOptions, cutText } from "./cut-text.js";
import { type Passage, segmentsIn, toPassages } from "./passages.js";
import { sentences } from "./sentences.js";

/** Headings and the text below them, which stay together; or a text without headings. */
interface Block {
  passages: readonly [Passage, ...Passage[]];
  text: string;
  tokens: number;
  path: readonly string[];
}

/** Types of which one segment is a line among others of its kind. */
const LINES = new Set(["ListItem", "KeyValuePair"]);

const metadataOf = ({ parts: [{ segment }] }: Passage): SegmentDocument["metadata"] => segment.metadata;

const joined = (passages: readonly Passage[]): string => {
  let text = "";
  let before: string | undefined;
  for (const passage of passages) {
    const { segment_type } = metadataOf(passage);
    const separator = before === segment_type && LINES.has(segment_type) ? "\n" : "\n\n";
    text += before === undefined ? passage.text : separator + passage.text;
    before = segment_type;
  }
  return text;
};

/** Groups headings with the text that follows, if it is under them. */
const toBlocks = (passages: readonly Passage[], { count }: TokenBudget): Block[] => {
  const blocks: Block[] = [];
  let headings: Passage[] = [];
  const close = (last?: Passage) => {
    const [first, ...rest] = last ? [...headings, last] : headings;
    if (!first) return;
    const text = joined([first, ...rest]);
    const path = metadataOf(rest.at(-1) ?? first).section_path;
    blocks.push({ passages: [first, ...rest], text, tokens: count(text), path });
    headings = [];
  };
  for (const passage of passages) {
    const { segment_type, section_path } = metadataOf(passage);
    const above = headings.at(-1);
    if (above && !startsWith(section_path, metadataOf(above).section_path)) close();
    if (isHeading(segment_type)) headings.push(passage);
    else close(passage);
  }
  close();
  return blocks;
};

const segmentsOf = ([first, ...others]: Block["passages"]): SplitDraft["segments"] => [
  first.parts[0].segment,
  ...first.parts.slice(1).map(({ segment }) => segment),
  ...others.flatMap(({ parts }) => parts.map(({ segment }) => segment)),
];

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
  budget: TokenBudget,
  metadata: DraftMetadata,
): SplitDraft => ({
  text,
  segments: [excerpt.segment],
  sectionPath: budget.fitPath(excerpt.segment.metadata.section_path),
  metadata,
  excerpts: [excerpt],
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
    return draftOf(whole, { segment, of: text, start, end }, budget, metadata);
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
  const excerpt = { segment, of: text, start: 0, end: text.length };
  const whole = draftOf(context ? `${context}\n\n${text}` : text, excerpt, budget, metadata);
  const tokens = budget.count(whole.text) + budget.prefixTokens(whole.sectionPath, whole.text);
  if (budget.fits(tokens, 1, () => render(whole, budget))) return [whole];
  return cutUnder(context, text, segment, budget, metadata, units);
};

/** Makes one segment a split of its own, or several if it is too long. */
export const splitAlone = (
  segment: SegmentDocument,
  budget: TokenBudget,
  metadata: DraftMetadata = {},
): SplitDraft[] => splitUnder("", trimText(segment.pageContent), segment, budget, metadata);

const render = ({ text, sectionPath }: SplitDraft, budget: TokenBudget): string =>
  embeddingText({ pageContent: text, metadata: budget.embedded(sectionPath) });

/** Packs consecutive text segments into splits, in reading order. */
export class TextSplitter {
  readonly #budget: TokenBudget;
  readonly #known: () => ReadonlySet<string>;

  /** @param known the words of the document, by which words that a column or page divides are recognised */
  constructor(budget: TokenBudget, known: () => ReadonlySet<string>) {
    this.#budget = budget;
    this.#known = known;
  }

  /** @returns groups of parts: packs of one part each, and the parts of texts that are too long */
  split(run: readonly SegmentDocument[]): SplitDraft[][] {
    const groups: SplitDraft[][] = [];
    let pack: Pack | undefined;
    for (const block of toBlocks(toPassages(run, this.#known), this.#budget)) {
      if (pack?.add(block)) continue;
      if (pack) groups.push([pack.draft]);
      pack = Pack.open(block, this.#budget);
      if (!pack) groups.push(...this.#splitBlock(block));
    }
    if (pack) groups.push([pack.draft]);
    return groups;
  }

  /** Cuts a block that is too long. Short headings go into the first split; headings that would fill it become splits. */
  #splitBlock({ passages }: Block): SplitDraft[][] {
    const headings = passages.slice(0, -1);
    const last = passages.at(-1) ?? passages[0];
    if (this.#budget.count(joined(headings)) <= this.#budget.size / 3) return [this.#cut(headings, last)];
    return [...headings.map((heading) => this.#splitAlone(heading)), this.#splitAlone(last)];
  }

  #splitAlone(passage: Passage): SplitDraft[] {
    const [{ segment }, ...others] = passage.parts;
    return others.length === 0 ? splitAlone(segment, this.#budget) : this.#cut([], passage);
  }

  #cut(headings: readonly Passage[], passage: Passage): SplitDraft[] {
    const { text } = passage;
    const context = joined(headings);
    const sectionPath = this.#budget.fitPath(metadataOf(passage).section_path);
    const room = this.#budget.size - (context ? this.#budget.count(context) + JOINT : 0);
    const parts = cutText(text, {
      first: room - this.#budget.prefixTokens(sectionPath, context),
      rest: this.#budget.size - this.#budget.prefixTokens(sectionPath, ""),
      overlap: this.#budget.overlap,
      count: this.#budget.count,
      units: textUnits,
    });
    const keepsIndentation = isCode(text);
    return parts.map((range, index): SplitDraft => {
      const part = trimmedRange(text, range.start, range.end, keepsIndentation);
      const { segments, excerpts } = segmentsIn(passage, range);
      const [first, ...rest] = index === 0 ? headings : [];
      return first
        ? {
            text: `${context}\n\n${part}`,
            segments: [...segmentsOf([first, ...rest]), ...segments],
            sectionPath,
            excerpts,
          }
        : { text: part, segments, sectionPath, excerpts };
    });
  }
}

/** Collects neighbouring blocks of one section that fit into one split. */
class Pack {
  readonly #budget: TokenBudget;
  readonly #path: readonly string[];
  readonly #sectionPath: string[];
  readonly #passages: [Passage, ...Passage[]];
  #tokens: number;
  #joints: number;

  private constructor(block: Block, tokens: number, budget: TokenBudget) {
    this.#budget = budget;
    this.#path = block.path;
    this.#sectionPath = budget.fitPath(block.path);
    this.#passages = [...block.passages];
    this.#tokens = tokens;
    this.#joints = block.passages.length;
  }

  /** Opens a pack with a block. @returns `undefined` if the block alone is too long */
  static open(block: Block, budget: TokenBudget): Pack | undefined {
    const prefix = budget.prefixTokens(budget.fitPath(block.path), block.text);
    const pack = new Pack(block, prefix + block.tokens, budget);
    return budget.fits(pack.#tokens, pack.#joints, () => render(pack.draft, budget)) ? pack : undefined;
  }

  get draft(): SplitDraft {
    return {
      text: joined(this.#passages),
      segments: segmentsOf(this.#passages),
      sectionPath: this.#sectionPath,
    };
  }

  add(block: Block): boolean {
    // A subsection stands apart however short it is, because one split has one section path.
    if (!sameItems(block.path, this.#path)) return false;
    const tokens = this.#tokens + block.tokens;
    const joints = this.#joints + JOINT;
    const whole = (): string => {
      const text = joined([...this.#passages, ...block.passages]);
      return embeddingText({ pageContent: text, metadata: this.#budget.embedded(this.#sectionPath) });
    };
    if (!this.#budget.fits(tokens, joints, whole)) return false;
    this.#passages.push(...block.passages);
    this.#tokens = tokens;
    this.#joints = joints;
    return true;
  }
}
