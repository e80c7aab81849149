import path from "node:path";
import type { ErrorCode } from "../../errors.js";
import type { IngestFailure, IngestReport } from "../../ingest/run/report.js";
import { counted } from "./wording.js";

/** How many sources a line names. */
const NAMED = 3;

/** Leaves out a name where it stands alone, not as a part of another word. */
const without = (text: string, name: string): string =>
  text
    .split(name)
    .reduce((before, after) =>
      /[\p{L}\p{N}]$/u.test(before) || /^[\p{L}\p{N}]/u.test(after) ? before + name + after : before + after,
    );

/** Tells failures apart as people do: equal ones of several sources are one, though messages name the source. */
export const failureKey = ({ source, stage, code, message }: IngestFailure): string => {
  const names = [source, path.basename(source)].filter((name) => name !== "");
  return JSON.stringify([stage, code, names.reduce(without, message)]);
};

/** Returns the message of a failure without the name of its source at the start, where that is written before it. */
export const messageWithoutName = ({ source, message }: IngestFailure): string => {
  const name = [source, path.basename(source)].find((one) => message.startsWith(`${one}: `));
  return name === undefined ? message : message.slice(name.length + 2);
};

const groupsOf = (failures: readonly IngestFailure[]): [IngestFailure, ReadonlySet<string>][] => {
  const groups = new Map<string, [IngestFailure, Set<string>]>();
  for (const failure of failures) {
    const key = failureKey(failure);
    const [first, sources] = groups.get(key) ?? [failure, new Set<string>()];
    groups.set(key, [first, sources.add(failure.source)]);
  }
  return [...groups.values()];
};

/** Writes names in one line, the first of many: `a.pdf, b.pdf, c.pdf and 6 more`. */
export const named = (names: Iterable<string>): string => {
  const all = [...names];
  const more = all.length > NAMED ? ` and ${all.length - NAMED} more` : "";
  return all.slice(0, NAMED).join(", ") + more;
};

/** Writes one line for each distinct failure, with the number of sources that met it. */
export const formatFailures = ({
  failures,
  stopped,
}: Pick<IngestReport, "failures" | "stopped">): string[] => {
  const lines = groupsOf(failures).map(([failure, sources]) => {
    const { source, stage, code } = failure;
    const message = messageWithoutName(failure);
    if (sources.size === 1) return `FAILED ${source} [${stage}] ${code}: ${message}`;
    return `FAILED ${counted(sources.size, "source")} [${stage}] ${code}: ${message} (${named(sources)})`;
  });
  if (!stopped) return lines;
  const isShown = failures.some(({ code, message }) => code === stopped.code && message === stopped.message);
  const { stage, code, message } = stopped;
  const why = isShown ? "the other sources would have met it too" : message;
  return [...lines, `STOPPED [${stage}] ${code}: ${why}`];
};

const AGAIN = "run the same command again: what is stored or paid for is not paid for again";

/** What a user can do about a failure. `retry` has advice of its own for failures of parse jobs. */
const NEXT: Partial<Record<ErrorCode, string>> = {
  API_KEY_MISSING: `set the variable that the message names, then ${AGAIN}`,
  UNAUTHORIZED: `correct the key of that service, in the environment or in .env, then ${AGAIN}`,
  CREDIT_LIMIT:
    "run the same command again, with the same or a higher --max-credits; each run counts from zero, but workers together until their queue is empty",
  OUT_OF_CREDITS: `add credits to the account of the parse service, then ${AGAIN}`,
  USAGE_LIMIT: `raise the limit of the account, then ${AGAIN}`,
  RATE_LIMITED: `wait, or lower --rate-limit or --concurrency, then ${AGAIN}`,
  SERVICE_UNAVAILABLE: `later, ${AGAIN}`,
  STORE_UNREACHABLE: `start the store or correct --store, then ${AGAIN}`,
  STORE_FULL: `make room in the store, then ${AGAIN}`,
  EMBEDDING_FAILED: `see what the embedding service says, then ${AGAIN}`,
  JOB_TIMEOUT: `${AGAIN}; --timeout makes a run wait longer`,
  UPLOAD_FAILED: AGAIN,
  SUBMISSION_UNKNOWN:
    'name its job with "ingest job:ID --doc-id DOC", or accept a second payment with --resubmit-unknown',
  FILE_NOT_FOUND: "correct the path or its permissions",
  UNSUPPORTED_FILE: "convert or replace the file, or leave it out",
  FILE_TOO_LARGE: "divide the file into smaller ones",
  INVALID_RESULT: "save the result again, from a job that has succeeded",
  STORE_MISMATCH: "name another collection with --collection, or its model with --embeddings",
};

/** Writes what to do next, each advice once, with the codes that it is for. */
export const nextSteps = ({
  failures,
  stopped,
  left_out,
}: Pick<IngestReport, "failures" | "stopped" | "left_out">): string[] => {
  const steps = new Map<string, Set<ErrorCode>>();
  const limited = left_out.length > 0 ? [{ code: "CREDIT_LIMIT" as const }] : [];
  for (const { code } of [...failures, ...limited, ...(stopped ? [stopped] : [])]) {
    const step = NEXT[code];
    if (step !== undefined) steps.set(step, (steps.get(step) ?? new Set()).add(code));
  }
  return [...steps].map(([step, codes]) => `next:       ${[...codes].join(", ")}: ${step}`);
};
