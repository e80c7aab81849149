import { joinTable } from "./join-tables.js";
import { type Piece, sameTable } from "./pieces.js";

/** The most characters that parts of one text are searched for what they share, and the least they share. */
const MAX_OVERLAP = 4000;
const MIN_OVERLAP = 12;

/** Length of the longest end of one text that the other begins with: whole sentences, as the splitter repeats them. */
const overlapOf = (text: string, next: string): number => {
  const end = text.slice(-MAX_OVERLAP - 1);
  for (let length = Math.min(end.length, next.length, MAX_OVERLAP); length >= MIN_OVERLAP; length--) {
    const before = end.charAt(end.length - length - 1);
    if (before.trim() === "" && end.endsWith(next.slice(0, length))) return length;
  }
  return 0;
};

/** Whether one split is the next part of the text that the other is a part of. */
const followsOn = ({ metadata: a }: Piece, { metadata: b }: Piece): boolean =>
  b.part_index === a.part_index + 1 && a.segment_indices.some((index) => b.segment_indices.includes(index));

/** Neighbouring parts of the same table together, everything else alone. */
const toRuns = (pieces: readonly Piece[]): Piece[][] => {
  const runs: Piece[][] = [];
  for (const piece of pieces) {
    const last = runs.at(-1);
    const before = last?.at(-1);
    if (last && before && sameTable(before, piece)) last.push(piece);
    else runs.push([piece]);
  }
  return runs;
};

/**
 * Splits of one document as one text: what parts of a text share comes once, parts of a table become one table, and a
 * caption that stands above its table or picture anyway does not come a second time.
 *
 * @param pieces in the order of the document
 */
export const joinPieces = (pieces: readonly Piece[]): string => {
  const captions = new Set(
    pieces.flatMap(({ content, metadata }) => {
      const caption = metadata.caption?.trim();
      return caption && content.startsWith(caption) ? [caption] : [];
    }),
  );
  let text = "";
  let before: Piece | undefined;
  for (const run of toRuns(pieces)) {
    const [piece] = run;
    if (!piece) continue;
    if (piece.metadata.segment_type === "Caption" && captions.has(piece.content.trim())) continue;
    const part = run.length > 1 ? joinTable(run).join("\n\n") : piece.content;
    const goesOn = before !== undefined && followsOn(before, piece);
    const shared = goesOn ? overlapOf(text, part) : 0;
    const joint = text === "" || shared > 0 ? "" : goesOn ? " " : "\n\n";
    text += joint + part.slice(shared);
    before = run.at(-1);
  }
  return text;
};
