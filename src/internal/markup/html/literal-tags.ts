import { Tokenizer } from "htmlparser2";
import {
  BLOCK_ELEMENTS,
  KNOWN_ELEMENTS,
  OPTIONAL_END_ELEMENTS,
  STRUCTURE_ELEMENTS,
  VOID_ELEMENTS,
} from "./elements.js";

/**
 * Stands for a `<` that is a letter of the text, so that the parser reads it as one. A noncharacter, which no text holds.
 */
export const LITERAL_LESS_THAN = "\ufdd0";

/** A tag or a comment, from `start` up to and without `end`. */
interface Tag {
  kind: "open" | "close" | "comment";
  /** As it is written; empty for a comment. */
  written: string;
  /** In lower case. */
  name: string;
  start: number;
  end: number;
  isSelfClosing: boolean;
  attributes: number;
  /** Whether each attribute has a value or is known to need none. */
  isWellFormed: boolean;
  /** Index of the tag that closes it. */
  closedBy?: number | undefined;
  /** Whether it closes a tag. */
  closes?: number | undefined;
}

const FLAGS = new Set(
  "checked selected disabled hidden nowrap noshade open multiple readonly required compact controls autofocus reversed async defer itemscope".split(
    " ",
  ),
);

/** Elements whose content is not read as markup, so that one without an end would hide the rest of the text. */
const RAW_ELEMENT = /<(script|style|textarea|title|xmp|iframe|noembed|noframes|plaintext)\b/gi;

const NAME = /^[a-z][\w.-]*(?::[a-z][\w.-]*)?$/i;

/** Lists the tags and comments of a text. */
class TagScanner {
  readonly tags: Tag[] = [];
  readonly #text: string;
  #open: Tag | undefined;
  #attribute = "";

  constructor(text: string) {
    this.#text = text;
    const ignore = (): void => {};
    const tokenizer = new Tokenizer(
      { decodeEntities: false },
      {
        onopentagname: (start, end) => this.#begin("open", start - 1, this.#text.slice(start, end)),
        onclosetag: (start, end) => {
          this.#begin("close", start - 2, this.#text.slice(start, end));
          const bracket = this.#text.indexOf(">", end);
          this.#end(bracket < 0 ? this.#text.length : bracket + 1);
        },
        onattribname: (start, end) => {
          this.#attribute = this.#text.slice(start, end);
        },
        onattribend: (quote) => this.#addAttribute(quote !== 0),
        onattribdata: ignore,
        onattribentity: ignore,
        onopentagend: (end) => this.#end(end + 1),
        onselfclosingtag: (end) => {
          if (this.#open) this.#open.isSelfClosing = true;
          this.#end(end + 1);
        },
        oncomment: (start) => this.#addComment(start),
        ondeclaration: (start, end) => {
          if (this.#text.slice(start, start + 7).toLowerCase() === "doctype") this.#add(start - 2, end + 1);
        },
        onprocessinginstruction: ignore,
        oncdata: ignore,
        onend: ignore,
        ontext: ignore,
        ontextentity: ignore,
      },
    );
    tokenizer.write(text);
    tokenizer.end();
  }

  /** Adds a comment or an XML declaration, which the tokenizer takes for a comment too. */
  #addComment(start: number): void {
    const isComment = this.#text.startsWith("<!--", start - 4);
    if (!isComment && !this.#text.startsWith("<?xml", start - 1)) return;
    const end = isComment ? "-->" : ">";
    const close = this.#text.indexOf(end, start);
    if (close >= 0) this.#add(isComment ? start - 4 : start - 1, close + end.length);
  }

  #add(start: number, end: number): void {
    this.#begin("comment", start, "");
    this.#end(end);
  }

  #begin(kind: Tag["kind"], start: number, written: string): void {
    const name = written.toLowerCase();
    this.#open = {
      kind,
      written,
      name,
      start,
      end: start,
      isSelfClosing: false,
      attributes: 0,
      isWellFormed: true,
    };
  }

  #addAttribute(hasValue: boolean): void {
    if (!this.#open) return;
    this.#open.attributes += 1;
    const isKnown = hasValue || FLAGS.has(this.#attribute.toLowerCase());
    if (!isKnown || !/^[a-z_:@][\w:.-]*$/i.test(this.#attribute)) this.#open.isWellFormed = false;
  }

  #end(end: number): void {
    if (!this.#open) return;
    this.#open.end = end;
    this.tags.push(this.#open);
    this.#open = undefined;
  }
}

/** Finds which tag closes which. */
const pair = (tags: readonly Tag[]): void => {
  const open: number[] = [];
  const counts = new Map<string, number>();
  const count = (name: string, change: number): void => {
    counts.set(name, (counts.get(name) ?? 0) + change);
  };
  for (const [index, tag] of tags.entries()) {
    if (tag.kind === "open" && !tag.isSelfClosing && !VOID_ELEMENTS.has(tag.name)) {
      open.push(index);
      count(tag.name, 1);
    } else if (tag.kind === "close" && (counts.get(tag.name) ?? 0) > 0) {
      for (let last = open.pop(); last !== undefined; last = open.pop()) {
        const opened = tags[last];
        if (!opened) break;
        count(opened.name, -1);
        if (opened.name !== tag.name) continue;
        opened.closedBy = index;
        tag.closes = last;
        break;
      }
    }
  }
};

const isLooseBefore = (text: string, { start }: Tag): boolean =>
  start === 0 || /[\s"'`“”‘’([{,;:]/.test(text.charAt(start - 1));

const isLooseAfter = (text: string, { end }: Tag): boolean =>
  end >= text.length || /[\s"'`“”‘’.,;:!?)\]}]/.test(text.charAt(end));

const isLoose = (text: string, tag: Tag): boolean => isLooseBefore(text, tag) && isLooseAfter(text, tag);

/** Words that come before what they speak of: "between <b> and </b>". */
const POINTING_WORD =
  /(?:^|[\s>])(?:and|or|with|by|to|in|an?|the|of|use|from|by|und|oder|mit|durch|von|et|ou|avec|par|y|o|con|e|of|en|met)\s+["'`]?$/i;

const TAG_WORD = /^["'`]?\s+(?:tags?|elements?)\b/i;

/** Tells whether a text speaks of a tag: it is in quotation marks, or called a tag. */
const isSpokenOf = (text: string, tag: Tag): boolean => {
  if (tag.attributes > 0) return false;
  const [before, after] = [text.charAt(tag.start - 1), text.charAt(tag.end)];
  if (/["'`]/.test(before) && before === after) return true;
  return TAG_WORD.test(text.slice(tag.end, tag.end + 12));
};

/** Tells whether an element holds text where only elements can be. */
const breaksStructure = (text: string, tags: readonly Tag[], index: number): boolean => {
  const tag = tags[index];
  if (!tag || !STRUCTURE_ELEMENTS.has(tag.name)) return false;
  const next = tags[index + 1]?.start ?? text.length;
  return text.slice(tag.end, next).trim() !== "";
};

const isPairMarkup = (text: string, tags: readonly Tag[], index: number): boolean => {
  const tag = tags[index];
  const close = tags[tag?.closedBy ?? -1];
  if (!tag || !close || !NAME.test(tag.name)) return false;
  const { written } = tag;
  const isElement = written === tag.name || written === written.toUpperCase() || /[-:]/.test(written);
  if (!KNOWN_ELEMENTS.has(tag.name) && !isElement) return false;
  if (tag.attributes > 0) return true;
  if (breaksStructure(text, tags, index) || isSpokenOf(text, tag)) return false;
  const points = POINTING_WORD.test(text.slice(Math.max(tag.end, close.start - 16), close.start));
  return !(points && isLoose(text, tag) && isLooseBefore(text, close));
};

/** The beginning of a clause, whose subject is the tag. */
const CLAUSE_START = /(?:^|[.;:,(–—])\s+$/;
const USING_WORD = /(?:^|[.;:,(–—]\s+)(?:use|write|type|insert|add|put|try|with|by|an?|the)\s+$/i;
const BREAK_VERB =
  /^ (?:breaks?|ends?|starts?|adds?|inserts?|makes?|forces?|creates?|gives?|means|puts|separates?|to (?:end|break|start))\b/;
const FIELD_VERB = /^ (?:is|are|has|needs?|takes?|holds?|shows?|makes?|gives?|adds?|creates?) /;

/** Tells whether prose says what a line break does: "Use `<br>` to end a line; `<br>` breaks it". */
const isBreakOfProse = (text: string, tag: Tag): boolean => {
  if (tag.isSelfClosing || !/^(?:br|wbr|hr)$/.test(tag.name)) return false;
  const before = text.slice(Math.max(0, tag.start - 16), tag.start);
  const isNamed = CLAUSE_START.test(before) || USING_WORD.test(before);
  return isNamed && BREAK_VERB.test(text.slice(tag.end, tag.end + 16));
};

/** Tells whether prose says what a field is; one to tick is a field of the text itself. */
const isFieldOfProse = (text: string, tag: Tag): boolean =>
  tag.name === "input" &&
  CLAUSE_START.test(text.slice(Math.max(0, tag.start - 4), tag.start)) &&
  FIELD_VERB.test(text.slice(tag.end, tag.end + 12)) &&
  !/checkbox|radio/i.test(text.slice(tag.start, tag.end));

/**
 * Tells whether a tag that nothing closes reads as a word of prose: "an `<input type="text">` field", "use
 * `<a href="x">`, for links". A picture is one only where it is called a tag or an element.
 */
const isWordOfProse = (text: string, tag: Tag): boolean => {
  if (tag.start === 0 || !isLoose(text, tag)) return false;
  if (tag.attributes === 0) return isBreakOfProse(text, tag);
  if (isFieldOfProse(text, tag)) return true;
  const before = text.slice(Math.max(0, tag.start - 16), tag.start);
  const after = text.slice(tag.end, tag.end + 12);
  const points = POINTING_WORD.test(before);
  if (points && TAG_WORD.test(after)) return true;
  if (/^(?:img|w?br|hr)$/.test(tag.name) || BLOCK_ELEMENTS.has(tag.name)) return false;
  if (OPTIONAL_END_ELEMENTS.has(tag.name)) return false;
  const continues = /^["'`]?\s+\p{Ll}/u.test(after);
  if (VOID_ELEMENTS.has(tag.name)) return points && continues;
  return (points && continues) || /^["'`]?[.,;:!?)]/.test(after);
};

const isVoidMarkup = (text: string, tag: Tag): boolean => {
  if (tag.attributes > 0) return tag.isWellFormed;
  if (isSpokenOf(text, tag)) return false;
  const isBreak = tag.name === "br" || tag.name === "wbr" || tag.name === "hr";
  if (isBreak)
    return tag.isSelfClosing || tag.start > 0 || !/^ \p{Ll}/u.test(text.slice(tag.end, tag.end + 3));
  return tag.isSelfClosing || !isLoose(text, tag);
};

/** Tells whether a tag that nothing closes is markup. */
const isOpenMarkup = (text: string, tag: Tag, isInside: boolean): boolean => {
  if (tag.isSelfClosing)
    return NAME.test(tag.name) && (KNOWN_ELEMENTS.has(tag.name) || tag.written === tag.name);
  if (!KNOWN_ELEMENTS.has(tag.name) || !tag.isWellFormed) return false;
  if (tag.attributes > 0) return true;
  if (isSpokenOf(text, tag)) return false;
  const isTight = !isLooseAfter(text, tag) || /^\r?\n/.test(text.slice(tag.end, tag.end + 2));
  if (OPTIONAL_END_ELEMENTS.has(tag.name)) return isInside || isTight;
  return isTight && (isLooseBefore(text, tag) || text.charAt(tag.start - 1) === ">");
};

/** A text whose tags are all markup, and what they show of its lines. */
export interface MarkupText {
  /** The text with {@link LITERAL_LESS_THAN} for each `<` that begins no markup. */
  text: string;
  /** Whether any tag is markup. */
  hasTags: boolean;
  /** Whether lines of text are outside of all blocks, so that line ends mean something as in Markdown. */
  hasLines: boolean;
}

const withLiterals = (text: string): string => text.replaceAll("<", LITERAL_LESS_THAN);

/** Makes literal what would hide the rest of a text from the parser: comments and raw elements without an end. */
const withoutUnended = (text: string): string => {
  let safe = text;
  const unended = safe.indexOf("<!--", safe.lastIndexOf("-->") + 1);
  if (unended >= 0) safe = safe.slice(0, unended) + LITERAL_LESS_THAN + safe.slice(unended + 1);
  if (safe.search(RAW_ELEMENT) < 0) return safe;
  const lower = safe.toLowerCase();
  const lastEnds = new Map<string, number>();
  const lastEnd = (name: string): number => {
    const end = lastEnds.get(name) ?? lower.lastIndexOf(`</${name}`);
    lastEnds.set(name, end);
    return end;
  };
  return safe.replace(RAW_ELEMENT, (tag: string, name: string, at: number) =>
    lastEnd(name.toLowerCase()) > at ? tag : LITERAL_LESS_THAN + tag.slice(1),
  );
};

/**
 * Decides for each tag of a text whether it is markup, by what opens and closes it and what is beside it. Everything
 * else with a `<` is text: prose about `<p>`, `x<y and y>z`, `List<String>`, `<a@b.example>`.
 */
export const readTags = (given: string): MarkupText => {
  const text = withoutUnended(given);
  const { tags } = new TagScanner(text);
  pair(tags);
  const hasPairs = tags.some(
    ({ closedBy }, index) => closedBy !== undefined && isPairMarkup(text, tags, index),
  );
  const isUnpaired = ({ kind, closedBy }: Tag): boolean => kind === "open" && closedBy === undefined;
  const accepted = new Set<number>();
  let inside = 0;
  let blocks = 0;
  let at = 0;
  let [hasLooseText, hasLooseLine] = [false, false];
  let safe = "";
  for (const [index, tag] of tags.entries()) {
    const isMarkup =
      tag.kind === "comment" ||
      (tag.closes !== undefined
        ? accepted.has(tag.closes)
        : tag.kind === "close"
          ? KNOWN_ELEMENTS.has(tag.name) && !isLooseBefore(text, tag)
          : tag.closedBy !== undefined
            ? isPairMarkup(text, tags, index)
            : VOID_ELEMENTS.has(tag.name)
              ? isVoidMarkup(text, tag)
              : isOpenMarkup(text, tag, inside > 0));
    if (!isMarkup || (!hasPairs && isUnpaired(tag) && isWordOfProse(text, tag))) continue;
    accepted.add(index);
    const between = text.slice(at, tag.start);
    if (blocks === 0) {
      hasLooseText ||= between.trim() !== "";
      hasLooseLine ||= between.includes("\n");
    }
    safe += withLiterals(between) + text.slice(tag.start, tag.end);
    at = tag.end;
    const change = tag.closedBy !== undefined ? 1 : tag.closes !== undefined ? -1 : 0;
    inside += change;
    if (BLOCK_ELEMENTS.has(tag.name)) {
      const isUnclosed = tag.kind === "open" && change === 0 && !VOID_ELEMENTS.has(tag.name);
      blocks += isUnclosed ? 1 : change;
    }
  }
  const rest = text.slice(at);
  if (blocks === 0) {
    hasLooseText ||= rest.trim() !== "";
    hasLooseLine ||= rest.includes("\n");
  }
  return {
    text: safe + withLiterals(rest),
    hasTags: accepted.size > 0,
    hasLines: hasLooseText && hasLooseLine,
  };
};
