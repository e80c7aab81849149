import { type ErrorCode, UnsiloedError } from "../../errors.js";
import type { IngestReport } from "../../ingest/run/report.js";

/** Exit codes of the command. docs/cli.md explains them. */
export const EXIT = {
  /** Everything was done. */
  ok: 0,
  /** Some source failed; the report names it. */
  failed: 1,
  /** Wrong usage or configuration: the call has to change. */
  usage: 2,
  /** Stopped by Ctrl-C, as shells report it. */
  interrupted: 130,
} as const;

/** Failures of keys, packages and collections rather than of a document. */
const CONFIGURATION: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "API_KEY_MISSING",
  "UNAUTHORIZED",
  "MISSING_PACKAGE",
  "STORE_MISMATCH",
]);

const DEFECTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["INVARIANT", "UNEXPECTED"]);

export const exitCodeOfReport = (
  { failures, sources }: Pick<IngestReport, "failures" | "sources">,
  wasInterrupted = false,
): number => {
  if (wasInterrupted && sources.unfinished > 0) return EXIT.interrupted;
  if (failures.length === 0) return sources.unfinished > 0 ? EXIT.failed : EXIT.ok;
  return failures.some(({ code }) => CONFIGURATION.has(code)) ? EXIT.usage : EXIT.failed;
};

export const exitCodeOfError = (thrown: unknown): number => {
  if (!(thrown instanceof UnsiloedError) || DEFECTS.has(thrown.code)) return EXIT.failed;
  return thrown.code === "ABORTED" ? EXIT.interrupted : EXIT.usage;
};
