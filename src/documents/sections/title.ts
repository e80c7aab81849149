import type { SegmentDocument } from "../metadata.js";
import { headingText } from "./section-path.js";

/** The most characters of a title, because every split repeats it. */
const TITLE_LENGTH = 200;

/** Segments among which the document's own title is looked for; all segments wait until it is found. */
const OPENING_SEGMENTS = 32;

/** Extensions of documents and of saved results, as in `lease.pdf.json.gz`. Those of digits belong to the name. */
const EXTENSIONS = /(?:\.(?:gz|json|[a-z][a-z\d]{1,4}))+$/i;

/** Ids of machines, which no question repeats: UUIDs and long hashes. */
const IDS = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b|\b(?=[a-f]*\d)[\da-f]{16,}\b/gi;

/** Names that programs give, which say nothing of a document. */
const MEANINGLESS = /^(?:document|download|file|result|unknown|untitled)?[^\p{L}]*$/iu;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const cut = (text: string): string =>
  headingText(text)
    .slice(0, TITLE_LENGTH)
    .replace(/\p{Surrogate}$/u, "")
    .trim();

/**
 * Writes the name of a file in words: `contracts/acme-lease_2021.pdf` becomes `acme lease 2021`.
 *
 * @param file a path, a web address or a name
 * @returns `undefined` for names without meaning, such as ids of jobs
 */
export const nameInWords = (file: string): string | undefined => {
  if (/^job:/i.test(file)) return undefined;
  const isAddress = /^https?:\/\//i.test(file);
  const name = (isAddress ? decoded(file.replace(/[?#].*$/s, "")) : file).split(/[/\\]/).at(-1) ?? "";
  const words = name
    .replace(EXTENSIONS, "")
    .replace(IDS, " ")
    .replace(/[\s_+.-]+/g, " ")
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, " ");
  const text = cut(words);
  return MEANINGLESS.test(text) ? undefined : text;
};

const WORDS = /[\p{L}\p{N}]+/gu;

/** The share of a document's texts beyond which a word hardly tells them apart. */
const COMMON = 0.4;

/**
 * Leaves out the words of a title that several texts of its document have and most have not. Added to every text, these
 * words would no longer tell the texts apart.
 */
export const titleForAll = (title: string, texts: readonly string[]): string => {
  const words = title.match(WORDS) ?? [];
  if (words.length === 0) return title;
  const known = words.map((word) => word.toLowerCase());
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${known.join("|")})(?![\\p{L}\\p{N}])`, "gu");
  const counts = new Map<string, number>();
  for (const text of texts) {
    const lower = text.toLowerCase();
    if (!known.some((word) => lower.includes(word))) continue;
    for (const word of new Set(lower.match(pattern))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const kept = words.filter((word) => {
    const count = counts.get(word.toLowerCase()) ?? 0;
    return count <= 1 || count > texts.length * COMMON;
  });
  return kept.length === words.length ? title : kept.join(" ");
};

/** Returns the text of a title segment; `undefined` for other segments and for those without words. */
const ownTitle = ({ pageContent, metadata }: SegmentDocument): string | undefined => {
  const text = metadata.segment_type === "Title" ? cut(pageContent) : "";
  return /[\p{L}\p{N}]/u.test(text) ? text : undefined;
};

/** The titles that a document may have, beside its own. */
export interface KnownTitles {
  /** The title that the caller gave, which counts before all others. */
  given: string | undefined;
  /** Returns the title of a document that has none of its own. */
  otherwise: () => string | undefined;
}

/**
 * Adds the title of their document to its segments: the one that was given, else that of its first title segment, else
 * another. Segments before the title segment wait for it.
 *
 * @param chunks segments in reading order, as many at a time as there are at hand
 */
export async function* withTitle(
  chunks: AsyncIterable<readonly SegmentDocument[]>,
  { given, otherwise }: KnownTitles,
): AsyncGenerator<readonly SegmentDocument[]> {
  let title = given;
  let waiting: SegmentDocument[] | undefined = given === undefined ? [] : undefined;
  const add = (segments: readonly SegmentDocument[]): readonly SegmentDocument[] => {
    if (title !== undefined) for (const { metadata } of segments) metadata.title = title;
    return segments;
  };
  let failure: { error: unknown } | undefined;
  try {
    for await (const chunk of chunks) {
      if (!waiting) {
        yield add(chunk);
        continue;
      }
      for (const segment of chunk) {
        if (waiting.length < OPENING_SEGMENTS) title ??= ownTitle(segment);
        waiting.push(segment);
      }
      if (title === undefined && waiting.length < OPENING_SEGMENTS) continue;
      title ??= otherwise();
      yield add(waiting);
      waiting = undefined;
    }
  } catch (error) {
    failure = { error };
  }
  title ??= otherwise();
  yield add(waiting ?? []);
  if (failure) throw failure.error;
}
