import { joinTable } from "./join-tables.js";
import { type StoredSplit, sameTable } from "./split-reader.js";

/** How many characters an overlap of two parts may have. */
const MAX_OVERLAP = 4000;
const MIN_OVERLAP = 12;

/** Returns the length of the longest end of one text that the other begins with. The splitter repeats whole sentences. */
const overlapOf = (text: string, next: string): number => {
  const end = text.slice(-MAX_OVERLAP - 1);
  for (let length = Math.min(end.length, next.length, MAX_OVERLAP); length >= MIN_OVERLAP; length--) {
    const before = end.charAt(end.length - length - 1);
    if (before.trim() === "" && end.endsWith(next.slice(0, length))) return length;
  }
  return 0;
};

/** Whether `b` is the part after `a` of the same text. */
const isNextPart = ({ metadata: a }: StoredSplit, { metadata: b }: StoredSplit): boolean =>
  b.part_index === a.part_index + 1 && a.segment_indices.some((index) => b.segment_indices.includes(index));

/** Groups neighbouring parts of the same table; every other split is a group of its own. */
const groupTables = (splits: readonly StoredSplit[]): StoredSplit[][] => {
  const groups: StoredSplit[][] = [];
  for (const split of splits) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    if (last && before && sameTable(before, split)) last.push(split);
    else groups.push([split]);
  }
  return groups;
};

/**
 * Joins splits of one document into one text. An overlap of two parts is written once, parts of a table become one
 * table, and a caption that its table or picture already begins with is not repeated.
 *
 * @param splits in the order of the document
 */
export const joinSplits = (splits: readonly StoredSplit[]): string => {
  const captions = new Set(
    splits.flatMap(({ content, metadata }) => {
      const caption = metadata.caption?.trim();
      return caption && content.startsWith(caption) ? [caption] : [];
    }),
  );
  let text = "";
  let before: StoredSplit | undefined;
  for (const group of groupTables(splits)) {
    const [split] = group;
    if (!split) continue;
    if (split.metadata.segment_type === "Caption" && captions.has(split.content.trim())) continue;
    const part = group.length > 1 ? joinTable(group).join("\n\n") : split.content;
    const continues = before !== undefined && isNextPart(before, split);
    const overlap = continues ? overlapOf(text, part) : 0;
    const separator = text === "" || overlap > 0 ? "" : continues ? " " : "\n\n";
    text += separator + part.slice(overlap);
    before = group.at(-1);
  }
  return text;
};
