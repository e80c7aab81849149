/** What a character is to the pattern by which `cl100k_base` cuts texts. */
export const LETTER = 1;
/** `0` to `9`. */
export const DIGIT = 2;
/** White space but for line ends. */
export const BLANK = 3;
export const LINE_END = 4;
export const SIGN = 5;
/** Figures of other scripts, and halves of characters beyond U+FFFF, of which one code unit says nothing. */
export const RARE = 6;

const classify = (code: number): number => {
  const character = String.fromCharCode(code);
  if (/[0-9]/.test(character)) return DIGIT;
  if (/[\r\n]/.test(character)) return LINE_END;
  if (/\s/.test(character)) return BLANK;
  if (/\p{L}/u.test(character)) return LETTER;
  return /[\p{N}\p{Cs}]/u.test(character) ? RARE : SIGN;
};

/** By code unit; filled in as characters are seen, and 0 until then. */
const known = new Uint8Array(0x1_0000);

/** The class of a UTF-16 code unit. */
export const classOf = (code: number): number => {
  const found = known[code];
  if (found) return found;
  const fresh = classify(code);
  known[code] = fresh;
  return fresh;
};
