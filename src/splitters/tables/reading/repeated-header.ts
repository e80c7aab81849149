import { isAllMarked, type ReadRow } from "./header.js";

/** Words, as a pattern, that say in several languages that a table continues. */
export const CONTINUED = String.raw`contin|cont['’.]?d|\bcont\.|forts|suite|segue|vervolg|ciąg dalszy`;

/** Matches what is added to a name when it is repeated: that the table continues, and references to notes. */
const ADDITION = new RegExp(
  String.raw` ?(?:[-–—,:] ?(?:${CONTINUED})\p{L}*\.?|[([](?:${CONTINUED})\p{L}*\.?[)\]]|\[[^[\]]{1,6}\]|[*†‡§¶#]+)$`,
  "iu",
);

/** The longest text that is read as a name with an addition. */
const MAX_NAME = 160;

/** Folds a name to what it has in common with its repetitions. */
const foldName = (name: string): string => {
  if (name.length > MAX_NAME) return name.toLowerCase();
  let folded = name.toLowerCase().replace(/\s+/g, " ").trim();
  for (let shorter = folded.replace(ADDITION, ""); shorter !== ""; shorter = folded.replace(ADDITION, "")) {
    if (shorter === folded) break;
    folded = shorter;
  }
  return folded;
};

const keyOf = (texts: readonly string[]): string => texts.filter(Boolean).map(foldName).join("\n");

/** Counts the different names of a header row that a row repeats in their columns; 0 if it has any other text. */
const countRepeated = (row: ReadRow | undefined, names: readonly string[]): number => {
  if (!row || !isAllMarked(row)) return 0;
  const repeated = new Set<string>();
  for (const [column, text] of row.names.entries()) {
    if (text === "") continue;
    const name = foldName(text);
    if (name !== names[column]) return 0;
    repeated.add(name);
  }
  return repeated.size;
};

/** Tells whether so many of the names of a header row show a row to be its repetition. */
const isEnough = (count: number, names: readonly string[]): boolean =>
  count > 1 && count >= new Set(names.filter(Boolean)).size / 2;

/**
 * Leaves out the rows of a body that repeat the header, perhaps with other references to notes or with a remark that
 * the table continues. Rows of `<th>` may repeat a part of it.
 *
 * @param isShown whether it is shown to be a header
 */
export const withoutRepeats = (
  rows: readonly ReadRow[],
  header: readonly ReadRow[],
  isShown: boolean,
): readonly ReadRow[] => {
  const [first] = header;
  if (!first) return rows;
  const keys = header.map(({ names }) => keyOf(names));
  const folded = header.map(({ names }) => names.map(foldName));
  const isDistinct = isShown && (keys.length > 1 || keys[0]?.includes("\n") === true);
  const start = keyOf([first.names.find(Boolean) ?? ""]);
  const isMarked = (row: number): boolean => {
    const here = rows[row];
    return here !== undefined && isAllMarked(here);
  };
  const repeatsAll = (row: number): boolean => {
    if (foldName(rows[row]?.names.find(Boolean) ?? "") !== start) return false;
    const isSame = keys.every((key, index) => keyOf(rows[row + index]?.names ?? []) === key);
    return isSame && (isDistinct || isMarked(row));
  };
  /** Counts the rows from this one on that repeat the header or a part of it. */
  const countRepeats = (row: number): number => {
    if (repeatsAll(row)) return header.length;
    const line = folded.findIndex((names) => isEnough(countRepeated(rows[row], names), names));
    if (line < 0) return 0;
    const others = folded.slice(line + 1);
    const end = others.findIndex((names, index) => countRepeated(rows[row + 1 + index], names) === 0);
    return 1 + (end < 0 ? others.length : end);
  };
  const kept: ReadRow[] = [];
  for (let row = 0; row < rows.length; row++) {
    const here = rows[row];
    const repeats = countRepeats(row);
    if (repeats > 0) row += repeats - 1;
    else if (here) kept.push(here);
  }
  return kept.length === rows.length ? rows : kept;
};
