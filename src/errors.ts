/** What a program or a reader needs to know about an error code. */
export interface ErrorDescription {
  /** What happened, in one sentence. */
  what: string;
  /** What to do about it, in one sentence. */
  action: string;
  /** Whether the same call may succeed later without any change; each error says so itself in `retryable`. */
  retryable: "yes" | "no" | "sometimes";
}

/**
 * Lists every code that an error of this package can carry. The table of docs/errors.md is generated from this list.
 *
 * Codes are stable: programs branch on them, messages are for people.
 */
export const ERROR_CODES = {
  INVALID_OPTION: {
    what: "An option has the wrong type or value.",
    action: "Change the option that the message names.",
    retryable: "no",
  },
  API_KEY_MISSING: {
    what: "No API key was given and the environment has none.",
    action: "Set the variable that the message names, or pass `apiKey`.",
    retryable: "no",
  },
  UNAUTHORIZED: {
    what: "A service refused the API key.",
    action: "Check that the key is valid for this host, model or collection.",
    retryable: "no",
  },
  OUT_OF_CREDITS: {
    what: "The parse account has no credits left.",
    action: "Add credits and run again; jobs already paid for are still read.",
    retryable: "no",
  },
  USAGE_LIMIT: {
    what: "The account reached its billing cap or quota.",
    action: "Raise the cap at the service and run again.",
    retryable: "no",
  },
  CREDIT_LIMIT: {
    what: "The document was not submitted, because that would have passed `maxCredits`.",
    action:
      "Run again, with the same or a higher limit: each run counts from zero, but workers together until their queue is empty.",
    retryable: "no",
  },
  RATE_LIMITED: {
    what: "A service kept answering that calls come too fast, after all retries.",
    action: "Run again later, or lower `rateLimit` or `concurrency`.",
    retryable: "yes",
  },
  UNSUPPORTED_FILE: {
    what: "The parse service does not accept this kind of file, or the file is empty or not what its ending says.",
    action: "Convert or replace the file and run `ingest` again; `retry` does not help.",
    retryable: "no",
  },
  PII_BLOCKED: {
    what: "The service blocked the document for the personal data in it, as `detect_pii` asks.",
    action: "Read the reason in the message; change the document, or `pii_block_severity` and `retry`.",
    retryable: "no",
  },
  FILE_TOO_LARGE: {
    what: "The file is larger than the service accepts.",
    action: "Split the file into smaller ones.",
    retryable: "no",
  },
  FILE_NOT_FOUND: {
    what: "A path or pattern matched nothing that can be read.",
    action: "Check the path and its permissions.",
    retryable: "no",
  },
  BAD_REQUEST: {
    what: "A service refused the request as malformed.",
    action: "Check the request options, such as `parse`, against what the message quotes.",
    retryable: "no",
  },
  SERVICE_UNAVAILABLE: {
    what: "A service could not be reached or kept failing, after all retries.",
    action: "Run again later; if it never worked, check the address and the certificate.",
    retryable: "sometimes",
  },
  SUBMISSION_UNKNOWN: {
    what: "A submission was sent, but whether the service accepted it is unknown; it is not sent again.",
    action:
      "Name its job with `ingest job:ID --doc-id DOC`, or accept a second payment with `--resubmit-unknown`.",
    retryable: "no",
  },
  UPLOAD_FAILED: {
    what: "The file could not be uploaded to the address that the service gave.",
    action: "Run again; if the address itself is refused, report it to the service.",
    retryable: "sometimes",
  },
  UNSAFE_ADDRESS: {
    what: "The service named an address that is not https or not of a public host.",
    action: "Set `allowPrivateAddresses` if you trust the service to name such addresses.",
    retryable: "no",
  },
  JOB_NOT_FOUND: {
    what: "The service does not know the parse job, or the job has expired.",
    action: "Check the job id and the account, or submit the document again.",
    retryable: "no",
  },
  JOB_FORBIDDEN: {
    what: "The service does not open the parse job to this API key.",
    action: "Use the key of the account that submitted the job.",
    retryable: "no",
  },
  JOB_FAILED: {
    what: "The service could not parse the document.",
    action:
      "Read the service's reason in the message, then `retry` or replace the file, also a saved result.",
    retryable: "no",
  },
  JOB_CANCELLED: {
    what: "The parse job was cancelled at the service.",
    action: "Submit the document again with `retry`, or replace a saved result.",
    retryable: "no",
  },
  JOB_TIMEOUT: {
    what: "The parse job did not end in time; it continues at the service.",
    action: "Run again to resume it by its id, or raise `timeoutMs`.",
    retryable: "yes",
  },
  INVALID_RESULT: {
    what: "A parse result is not in the expected format, or it is larger than the limits allow.",
    action: "Compare what the message quotes with `limits`; otherwise run again, then report it.",
    retryable: "sometimes",
  },
  INCOMPLETE_RESULT: {
    what: "A parse result holds fewer chunks than its `total_chunks`; what is stored of the document stays.",
    action: "Run again to fetch the result again, then `retry`; replace a saved result that was cut.",
    retryable: "no",
  },
  EMPTY_RESULT: {
    what: "A parse result holds no text to store; what is stored of the document stays.",
    action: "Check that the document is not blank.",
    retryable: "no",
  },
  ABORTED: {
    what: "The caller's signal was aborted, or the run was ending.",
    action: "Run again to continue.",
    retryable: "no",
  },
  MISSING_PACKAGE: {
    what: "An optional package is not installed, or the files of the bundled model are missing.",
    action: "Do what the message says, such as an `npm install`.",
    retryable: "no",
  },
  EMBEDDING_FAILED: {
    what: "The embedding model could not embed a text.",
    action: "Read the reason in the message; only the document with that text has failed.",
    retryable: "sometimes",
  },
  INPUT_TOO_LONG: {
    what: "A text is longer than the embedding model accepts.",
    action: "Lower `chunkSize`, or pass `--embedding-max-tokens` to the command.",
    retryable: "no",
  },
  STORE_UNREACHABLE: {
    what: "The vector store could not be reached or kept failing.",
    action: "Check that it is running, its address and, for LanceDB, the disk; then run again.",
    retryable: "sometimes",
  },
  STORE_MISMATCH: {
    what: "The collection was made for another vector size, distance or model.",
    action: "Use that model, or name another collection.",
    retryable: "no",
  },
  STORE_REFUSED: {
    what: "The vector store refused an operation.",
    action: "Read the store's reason in the message.",
    retryable: "sometimes",
  },
  STORE_FULL: {
    what: "The collection reached a limit of the vector store, or its server is out of space.",
    action:
      "Delete documents, raise the limit that the message names, or name another collection; then run again.",
    retryable: "no",
  },
  COLLECTION_NOT_FOUND: {
    what: "The collection does not exist.",
    action: "Check its name, or ingest something first.",
    retryable: "no",
  },
  UNSUPPORTED_SEARCH: {
    what: "The store cannot search, filter, list or count as asked.",
    action: "Use another `mode` or filter, or another store.",
    retryable: "no",
  },
  LEDGER_FAILED: {
    what: "The ledger, the queue, the shared budget, the kept results or the cache could not be opened or written.",
    action:
      "Check the disk and the permissions of the state directory, or the database that the message names.",
    retryable: "sometimes",
  },
  LEDGER_CORRUPT: {
    what: "A record or the file of the ledger is damaged.",
    action: "Run `unsiloed-ingest repair`.",
    retryable: "no",
  },
  LEDGER_VERSION: {
    what: "The ledger was written by a newer version of this package, or its PostgreSQL tables have to be created or updated.",
    action: "Update this package, or run `unsiloed-ingest migrate`, as the message says.",
    retryable: "no",
  },
  CLAIM_LOST: {
    what: "Another run works on the document or took it over.",
    action: "Wait for that run to end.",
    retryable: "sometimes",
  },
  UNEXPECTED: {
    what: "Code outside this package threw an error; the message is its own.",
    action: "See `cause`.",
    retryable: "sometimes",
  },
  INVARIANT: {
    what: "A count that must balance does not.",
    action: "Report it: this is a defect of this package.",
    retryable: "no",
  },
} as const satisfies Record<string, ErrorDescription>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Says where an error came from, as far as that is known. */
export interface ErrorContext {
  /** Id of the parse job concerned: pass it to `UnsiloedJobLoader` or name it `job:ID` to continue. */
  jobId?: string;
  /** The file, URL or id the user named. */
  source?: string;
  /** HTTP status of the answer behind the error. */
  status?: number;
  /** How long the server asked to wait, in milliseconds. */
  retryAfterMs?: number;
  /** Code of the error in the words of the service, such as `task_not_found`, where it names one. */
  serviceCode?: string;
}

export interface UnsiloedErrorOptions extends ErrorContext {
  /** The error that was caught. */
  cause?: unknown;
  /** Whether the same call may succeed later. @default false */
  retryable?: boolean;
}

/**
 * Reports every failure of this package; there is no other error class.
 *
 * `code` is stable and listed in {@link ERROR_CODES}; `retryable` says whether the same call may succeed later without
 * any change; `cause` holds the error that was caught, if there was one.
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

/** Returns the message of anything that was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/**
 * Returns the same error with more context; what the error already knew wins. Anything that is not an error of this
 * package becomes one with the code `UNEXPECTED`.
 */
export const addContext = (thrown: unknown, context: ErrorContext): UnsiloedError => {
  if (!(thrown instanceof UnsiloedError))
    return new UnsiloedError("UNEXPECTED", messageOf(thrown), { ...context, cause: thrown });
  return new UnsiloedError(thrown.code, thrown.message, {
    ...context,
    ...thrown.context,
    retryable: thrown.retryable,
    cause: thrown.cause ?? thrown,
  });
};

/** What is known of a submission without an answer, and what the user can do. */
export const UNKNOWN_ADVICE =
  "The service may have accepted and charged for it, so it is not sent again. If the service lists the job, name it " +
  "as job:ID with --doc-id and the document's id; otherwise allow a second submission with --resubmit-unknown or the " +
  "option resubmitUnknown";
