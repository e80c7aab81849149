/** Counts the digits of the same script before a digit, which is its value. */
const digitValue = (digit: string): string => {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(code - before - 1))) before += 1;
  return String(before % 10);
};

const values = new Map<string, string>();

const asciiDigit = (digit: string): string => {
  const known = values.get(digit);
  if (known !== undefined) return known;
  const value = digitValue(digit);
  values.set(digit, value);
  return value;
};

/** Writes the decimal digits of every script as `0` to `9`. */
export const withAsciiDigits = (text: string): string => text.replace(/(?![0-9])\p{Nd}/gu, asciiDigit);
