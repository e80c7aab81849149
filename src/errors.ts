/**
 * Every code an error of this package can carry, with what it means. The README's table is this list.
 *
 * Codes are stable: programs branch on them, messages are for people.
 */
export const ERROR_CODES = {
  INVALID_OPTION: "an option has the wrong type or value",
  API_KEY_MISSING: "no API key was given and none is in the environment",
  UNAUTHORIZED: "the service refused the API key",
  OUT_OF_CREDITS: "the parse account has no credits left",
  USAGE_LIMIT: "the account at the service reached its billing cap or quota",
  RATE_LIMITED: "the service kept answering that calls come too fast",
  UNSUPPORTED_FILE: "the parse service does not accept this kind of file",
  FILE_TOO_LARGE: "the file is larger than the service accepts",
  FILE_NOT_FOUND: "a file, directory or pattern matched nothing readable",
  BAD_REQUEST: "the service refused the request as malformed",
  SERVICE_UNAVAILABLE: "the service could not be reached or kept failing",
  SUBMISSION_UNKNOWN: "a submission was sent and its outcome never became known; it is not sent again",
  UPLOAD_FAILED: "the file could not be uploaded to the address the service gave",
  UNSAFE_ADDRESS: "the service named an address that is not https or not of a public host",
  JOB_NOT_FOUND: "the service knows no such job, or the job has expired",
  JOB_FAILED: "the service could not parse the document",
  JOB_CANCELLED: "the parse job was cancelled",
  JOB_TIMEOUT: "the parse job did not end in time; it goes on and can be resumed by its id",
  INVALID_RESULT: "a parse result is not in the expected format",
  EMPTY_RESULT: "a parse result holds no text to store",
  ABORTED: "the caller's signal was aborted",
  MISSING_PACKAGE: "an optional package is not installed",
  EMBEDDING_FAILED: "the embedding model could not embed a text",
  INPUT_TOO_LONG: "a text is longer than the embedding model accepts",
  STORE_UNREACHABLE: "the vector store could not be reached or kept failing",
  STORE_MISMATCH: "the collection was made for another vector size, distance or model",
  STORE_REFUSED: "the vector store refused an operation",
  COLLECTION_NOT_FOUND: "the collection does not exist",
  UNSUPPORTED_SEARCH: "the store cannot search, filter, list or count as asked",
  LEDGER_FAILED: "the ledger or a cache could not be opened or written",
  LEDGER_CORRUPT: "a record or the file of the ledger is damaged",
  LEDGER_VERSION: "the ledger was written by a newer version of this package",
  CLAIM_LOST: "another run took over the document",
  UNEXPECTED: "something outside this package threw; the message is its own",
  INVARIANT: "a count that must balance does not; this is a defect, please report it",
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Where an error came from: filled in as far as it is known. */
export interface ErrorContext {
  /** Id of the parse job concerned: hand it to `UnsiloedJobLoader` or `job:ID` to go on. */
  jobId?: string;
  /** The file, URL or id the user named. */
  source?: string;
  /** HTTP status of the answer behind the error. */
  status?: number;
  /** How long the server asked to wait, in milliseconds. */
  retryAfterMs?: number;
}

export interface UnsiloedErrorOptions extends ErrorContext {
  cause?: unknown;
  /** Whether the same call may succeed later. @default false */
  retryable?: boolean;
}

/**
 * The one error class of this package.
 *
 * `code` is stable and listed in {@link ERROR_CODES}; `retryable` says whether the same call may succeed
 * later without any change; `cause` holds what was caught, if anything was.
 *
 * @example
 * ```ts
 * try { await loader.load(); } catch (error) {
 *   if (error instanceof UnsiloedError && error.code === "JOB_TIMEOUT") resumeLater(error.context.jobId);
 * }
 * ```
 */
export class UnsiloedError extends Error {
  override readonly name = "UnsiloedError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly context: Readonly<ErrorContext>;

  constructor(code: ErrorCode, message: string, options: UnsiloedErrorOptions = {}) {
    const { cause, retryable = false, ...context } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable;
    this.context = context;
  }
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
