// What a figure is, told here apart from the package, so that a fault of its own notion does not hide.

const FIGURE =
  /^[^\p{L}\p{N}]*(?:[A-Z]{1,3}\s)?\p{Nd}[\p{Nd}\s.,'’/±–—-]*\s?(?:%|‰|\(.*\)|\p{L}{1,3})?[^\p{L}\p{N}]*$/u;
const YEAR = /^\D{0,8}(?:1[89]|20|21)\d\d(?:\s*[-–—/]\s*\d{2,4})?\D{0,8}$/;
const DATE =
  /^(?:\p{Nd}{1,2}[./-]\p{Nd}{1,2}[./-]\p{Nd}{2,4}|\p{Nd}{4}-\p{Nd}{2}(?:-\p{Nd}{2})?|\p{Nd}{1,2}[/.]\p{Nd}{4}|\p{Nd}{1,2}\.\p{Nd}{1,2}\.)$/u;

const BARE = /^[^\p{L}\p{N}]*\p{Nd}[\p{Nd}\s.,'’/±–—-]*[^\p{L}\p{N}]*$/u;
/** What stands for a unit, or refers to a note or a reference. */
const REFERENCE = /^(?:\W*0{3}\W*|[[(](?:\d{1,2}|\D{0,2}\d?)[\])])$/;

/** Whether a text is a figure and no name, as a year or a date may be. */
export const isFigure = (text: string): boolean =>
  FIGURE.test(text) && !REFERENCE.test(text) && !YEAR.test(text.normalize("NFKC")) && !DATE.test(text);

/** Whether it is one without a letter, for which no name can be taken. */
export const isBareFigure = (text: string): boolean => BARE.test(text) && isFigure(text);

/** Whether texts count upwards one by one, as names of columns do. */
export const countUpwards = (texts: readonly string[]): boolean => {
  const numbers = texts.map(Number);
  return (
    texts.length > 1 &&
    numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1)
  );
};
