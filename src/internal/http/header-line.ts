/**
 * Reads a header as HTTP writes it, such as `x-team: search`.
 *
 * @returns `undefined` for anything else; a message should not quote it, as the value may be a secret
 */
export const readHeaderLine = (line: string): readonly [name: string, value: string] | undefined => {
  const [, name, value] = /^\s*([^\s:]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
  return name === undefined || value === undefined || value === "" ? undefined : [name, value];
};
