/** How the log on stderr is written: one line that changes, plain lines, JSON lines, or nothing but problems. */
export type LogStyle = "live" | "lines" | "json" | "quiet";

/** The values of `--log`. */
export const LOG_FORMATS = ["text", "json"] as const;

/** What the command line says about output. */
export interface OutputOptions {
  json?: boolean;
  quiet?: boolean;
  log?: string;
}

/**
 * Reads the options about output before the command line is parsed, so that its errors obey them, too.
 *
 * @param args the arguments after the name of the program
 */
export const outputOptionsOf = (args: readonly string[]): OutputOptions => {
  const end = args.indexOf("--");
  const options = end === -1 ? args : args.slice(0, end);
  const isLogJson = options.some(
    (option, at) => option === "--log=json" || (option === "--log" && options[at + 1] === "json"),
  );
  return {
    json: options.includes("--json"),
    quiet: options.some((option) => option === "--quiet" || option === "-q"),
    log: isLogJson ? "json" : "text",
  };
};

const isSet = (value: string | undefined): boolean => value !== undefined && !/^(?:|0|false)$/i.test(value);

/**
 * Chooses how the log is written. A line that changes needs a terminal that can move its cursor and has a width, as
 * those of some containers have not; logs of continuous integration keep every change as a line of its own.
 */
export const logStyle = (
  { quiet, log }: OutputOptions,
  { isTTY, columns }: { isTTY?: boolean; columns?: number },
  { CI, TERM }: Readonly<Record<string, string | undefined>>,
): LogStyle => {
  if (log === "json") return "json";
  if (quiet) return "quiet";
  return isTTY && columns && TERM !== "dumb" && !isSet(CI) ? "live" : "lines";
};
