/** Letters of a text that a list shows of it. */
const LETTERS = 160;

/** Returns the beginning of a text, for lists. */
export const preview = (text: string): string => text.slice(0, LETTERS).replace(/\p{Surrogate}$/u, "");
