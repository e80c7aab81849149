// Defines numbers independently of the package, so that a wrong definition there does not go unnoticed.

const FIGURE =
  /^[^\p{L}\p{N}]*(?:[A-Z]{1,3}\s)?\p{Nd}[\p{Nd}\s.,'’/±–—-]*\s?(?:%|‰|\(.*\)|\p{L}{1,3})?[^\p{L}\p{N}]*$/u;
const YEAR = /^\D{0,8}(?:1[89]|20|21)\d\d(?:\s*[-–—/]\s*\d{2,4})?\D{0,8}$/;
const DATE =
  /^(?:\p{Nd}{1,2}[./-]\p{Nd}{1,2}[./-]\p{Nd}{2,4}|\p{Nd}{4}-\p{Nd}{2}(?:-\p{Nd}{2})?|\p{Nd}{1,2}[/.]\p{Nd}{4}|\p{Nd}{1,2}\.\p{Nd}{1,2}\.)$/u;

const BARE = /^[^\p{L}\p{N}]*\p{Nd}[\p{Nd}\s.,'’/±–—-]*[^\p{L}\p{N}]*$/u;
/** Units, and references to notes. */
const REFERENCE = /^(?:\W*0{3}\W*|[[(](?:\d{1,2}|\D{0,2}\d?)[\])])$/;

/** Tells whether a text is a number and cannot be a name, as years and dates can. */
export const isFigure = (text: string): boolean =>
  FIGURE.test(text) && !REFERENCE.test(text) && !YEAR.test(text.normalize("NFKC")) && !DATE.test(text);

/** Tells whether a text is a number without a letter, which cannot be mistaken for a name. */
export const isBareFigure = (text: string): boolean => BARE.test(text) && isFigure(text);

/** Tells whether texts are consecutive numbers, as names of columns may be. */
export const countUpwards = (texts: readonly string[]): boolean => {
  const numbers = texts.map(Number);
  return (
    texts.length > 1 &&
    numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1)
  );
};
