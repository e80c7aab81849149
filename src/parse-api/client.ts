import type { ParsedResult } from "../documents/result.js";
import type { AcceptedJob, SubmissionObserver } from "../documents/source.js";
import { addContext, UnsiloedError } from "../errors.js";
import { parseOptions } from "../internal/options.js";
import {
  clientOptionsSchema,
  readApiKey,
  readBaseUrl,
  type UnsiloedClientOptions,
} from "./client-options.js";
import { type ApiCall, type HttpSettings, ParseHttp } from "./http/parse-http.js";
import { isThisMachine } from "./http/safe-address.js";
import { sendingMs } from "./http/time-limit.js";
import { Transport } from "./http/transport.js";
import { type JobStatus, readStatus } from "./job-status.js";
import { type FileInput, openFile, type StreamedFile } from "./jobs/file-input.js";
import { fileKind, MAX_FORM_BYTES } from "./jobs/file-types.js";
import { checkRequest, type DocumentToSubmit } from "./jobs/request-checks.js";
import type { CurrentRequest } from "./jobs/request-names.js";
import { type ParseRequest, type ParseRequestOptions, parseRequestSchema } from "./jobs/request-options.js";
import { type KnownDialect, presign, type Submission, submitAddress, submitInForm } from "./jobs/submit.js";
import { upload, uploadSeconds } from "./jobs/upload.js";
import { type WaitOptions, waitForJob, waitOptionsSchema } from "./jobs/wait.js";
import type { Permit } from "./limits/call-window.js";
import { budgetOf } from "./limits/parse-budget.js";
import type { ResultWay, WordForm } from "./results/fetch-result.js";
import type { ResultLimits } from "./results/limits.js";

export interface CallOptions {
  signal?: AbortSignal | undefined;
}

export interface SubmitOptions extends CallOptions {
  /** Follows the submission; its `submitted` is where to write down the id of the job. */
  observer?: SubmissionObserver | undefined;
}

export interface ResultOptions extends CallOptions, WordForm {
  /**
   * Have the addresses of pictures and files, which expire in about an hour. The service leaves them out unless asked.
   * @default false
   */
  addresses?: boolean | undefined;
  /** Have pictures as data URIs, which do not expire. @default false */
  imagesAsData?: boolean | undefined;
  /** Have tables merged over pages, if the job was parsed with `merge_tables`. @default false */
  mergeTables?: boolean | undefined;
  /** Have cells of tables merged better, which takes longer. @default false */
  enhancedTables?: boolean | undefined;
  /** Read the result from the answer itself, or from the address of a file that the service gives. @default "body" */
  resultVia?: ResultWay | undefined;
}

/** Returns the last part of an address, which may be the name of a file. */
const lastPart = ({ pathname }: URL): string => pathname.slice(pathname.lastIndexOf("/") + 1);

/** Writes what is wanted of a result as a query. */
const resultQuery = ({ addresses, imagesAsData, mergeTables, enhancedTables }: ResultOptions) => ({
  ...(addresses && { include_url: "true" }),
  ...(imagesAsData && { base64_urls: "true" }),
  ...(mergeTables && { merge_tables: "true" }),
  ...(enhancedTables && { enhanced_table: "true" }),
});

/**
 * A client of the Unsiloed parse API.
 *
 * Requests that fail in passing are tried again, "too fast" and "full" are waited out, and a submission is sent
 * again only when it is certain that nothing was accepted: otherwise it ends in `SUBMISSION_UNKNOWN`. Every error is
 * an `UnsiloedError`, and every one about a job has its id in `context.jobId`.
 *
 * @example
 * ```ts
 * const client = new UnsiloedClient(); // reads UNSILOED_API_KEY
 * const { jobId } = await client.submitFile("report.pdf", { merge_tables: true });
 * await client.waitForJob(jobId, { onStatus: ({ state }) => console.log(state) });
 * const { chunks } = await client.readResult(jobId);
 * for await (const { segments } of chunks) console.log(segments.length);
 * ```
 */
export class UnsiloedClient {
  // Private in the language's sense, so that logging or serialising a client does not show the key.
  readonly #http: ParseHttp;
  /** Ids of the jobs that this client made and that the service has not shown to know yet. */
  readonly #submitted = new Set<string>();
  readonly #known: KnownDialect = {};
  /** Notes on options that were told already. */
  readonly #noted = new Set<string>();
  readonly #settings: HttpSettings & {
    /** Reaches the addresses that the service names, also where a `fetch` of the user sends the calls of the API. */
    addresses: Transport;
    requestTimeoutMs: number;
    resultTimeoutMs: number;
    uploadThresholdBytes: number;
    allowPrivateAddresses: boolean;
    limits: ResultLimits;
    onWarning: (note: string) => void;
  };

  /** @throws UnsiloedError `API_KEY_MISSING` or `INVALID_OPTION` */
  constructor(options: UnsiloedClientOptions = {}) {
    const settings = parseOptions(clientOptionsSchema, options, "UnsiloedClient");
    const { fetch } = settings;
    const owner = {
      ...settings,
      apiKey: readApiKey(settings.apiKey),
      baseUrl: readBaseUrl(settings.baseUrl),
    };
    const addresses = new Transport();
    const transport = fetch ? new Transport(fetch) : addresses;
    this.#settings = { ...owner, transport, addresses, budget: budgetOf(owner) };
    this.#http = new ParseHttp(this.#settings);
  }

  /** Where requests go. */
  get baseUrl(): string {
    return this.#settings.baseUrl.href;
  }

  /** Whether requests go to this machine, as to an emulator, whose results are not those of the service. */
  get isLocal(): boolean {
    return isThisMachine(this.#settings.baseUrl);
  }

  /**
   * Submits a document: in the form, or through a presigned upload streamed from disk when it is larger than
   * `uploadThresholdBytes`. Type and size are checked before anything is sent.
   *
   * Aborting while the request is on its way leaves its outcome unknown, and that is the error.
   *
   * @param file a path, a `File`, `{ data, name }`, or `{ name, bytes, stream }` with a function that reads the content
   * @param parse options of the parse request, named as the service names them
   * @throws UnsiloedError among others `FILE_NOT_FOUND`, `UNSUPPORTED_FILE`, `FILE_TOO_LARGE`, `PII_BLOCKED`,
   *   `UNAUTHORIZED`, `OUT_OF_CREDITS`, `USAGE_LIMIT`, `SUBMISSION_UNKNOWN`, `UPLOAD_FAILED`
   */
  async submitFile(
    file: FileInput | StreamedFile,
    parse: ParseRequestOptions = {},
    options: SubmitOptions = {},
  ): Promise<Submission> {
    const given = parseOptions(parseRequestSchema, parse, "parse");
    const opened = await openFile(file);
    const document = this.#documentOf(opened.name, opened.bytes);
    const request = this.#checked(given, document);
    const context = this.#submitContext(options);
    if (document.call !== "upload") {
      const submission = await submitInForm(context, opened, document, request);
      await this.#announce(submission, opened.bytes, options);
      return submission;
    }
    const { retry, requestTimeoutMs } = this.#settings;
    const timing = { retry, timeoutMs: requestTimeoutMs + sendingMs(opened.bytes) };
    const target = await presign(context, opened.name, request, uploadSeconds(timing));
    const { jobId } = target;
    await this.#announce({ jobId, creditsUsed: null }, opened.bytes, options);
    await upload(target, opened, {
      ...this.#settings,
      ...timing,
      transport: this.#settings.addresses,
      signal: options.signal,
      status: () => this.getStatus(jobId, options),
    });
    this.#settings.budget.submitted(jobId, opened);
    return { jobId, fileName: opened.name, creditsUsed: null, quotaRemaining: null, via: "upload" };
  }

  /**
   * Submits a document by its public or presigned address, which the service fetches itself.
   *
   * @throws UnsiloedError as `submitFile` does
   */
  async submitUrl(
    url: string | URL,
    parse: ParseRequestOptions = {},
    options: SubmitOptions = {},
  ): Promise<Submission> {
    const given = parseOptions(parseRequestSchema, parse, "parse");
    const parsed = URL.canParse(String(url)) ? new URL(url) : undefined;
    if (parsed?.protocol !== "https:" && parsed?.protocol !== "http:")
      throw new UnsiloedError("INVALID_OPTION", "url: expected an http or https address of a document");
    const document = this.#documentOf(lastPart(parsed));
    const request = this.#checked(given, document);
    const submission = await submitAddress(this.#submitContext(options), parsed, document, request);
    await this.#announce(submission, undefined, options);
    return submission;
  }

  /**
   * Checks the options of a request for a document, as `submitFile` and `submitUrl` do, without sending anything. What
   * would be without effect is told to `onWarning`, once.
   *
   * @param document the name of a file with its size where that is known, or an address
   * @throws UnsiloedError `INVALID_OPTION`
   */
  checkRequest(
    document: { name: string; bytes?: number | undefined } | URL,
    parse: ParseRequestOptions,
  ): void {
    const given = parseOptions(parseRequestSchema, parse, "parse");
    const { name, bytes } =
      document instanceof URL ? { name: lastPart(document), bytes: undefined } : document;
    this.#checked(given, this.#documentOf(name, bytes));
  }

  /**
   * Asks where a job stands, without its result.
   *
   * @throws UnsiloedError among others `JOB_NOT_FOUND`
   */
  async getStatus(jobId: string, { signal }: CallOptions = {}): Promise<JobStatus> {
    const call: ApiCall = { ...this.#statusCall(jobId, signal), kind: "status" };
    const status = this.#readStatus(jobId, await this.#http.json(call));
    if (status.final) this.#settings.budget.ended(jobId);
    return status;
  }

  /**
   * Waits until a job has succeeded. Checks that fail in passing do not end the wait.
   *
   * @throws UnsiloedError `JOB_FAILED` and `JOB_CANCELLED` with the service's message; `JOB_TIMEOUT`, which says
   *   how to resume; `SERVICE_UNAVAILABLE` when no check succeeded; `JOB_NOT_FOUND`, `JOB_FORBIDDEN`,
   *   `UNAUTHORIZED`, `OUT_OF_CREDITS`, `USAGE_LIMIT`, `ABORTED`
   */
  async waitForJob(jobId: string, options: WaitOptions = {}): Promise<JobStatus> {
    const { signal, onStatus, onPollError, ...timing } = options;
    const settings = parseOptions(waitOptionsSchema, timing, "wait");
    const { clock, random, requestTimeoutMs, budget } = this.#settings;
    const call = this.#statusCall(jobId, signal);
    const poll = async (limitMs: number, granted: Permit) => {
      const timeoutMs = Math.min(requestTimeoutMs, limitMs);
      const permit = budget.callPermit(granted);
      return this.#readStatus(jobId, await this.#http.jsonOnce({ ...call, timeoutMs, permit }));
    };
    const reached = () => this.#http.reached;
    const isOwn = this.#submitted.has(jobId);
    const context = { clock, random, poll, reached, isOwn, polls: budget.polls };
    return waitForJob(context, jobId, { ...settings, signal, onStatus, onPollError });
  }

  /**
   * Fetches the result of a job that has succeeded, as a stream: the chunks come while they arrive. Read them, or
   * stop by `break`, to free the connection. Should it break, the result is asked for again and what was handed out
   * is passed over.
   *
   * @throws UnsiloedError `INVALID_RESULT`, here or when the chunks are read; `JOB_FAILED`, `JOB_CANCELLED`,
   *   `JOB_NOT_FOUND` when the result has expired; `UNSAFE_ADDRESS`; `INCOMPLETE_RESULT` after the last chunk when there
   *   are fewer than the service says
   */
  async readResult(jobId: string, options: ResultOptions = {}): Promise<ParsedResult> {
    const { signal, resultVia: via = "body", words, packWords } = options;
    const { apiKey, addresses, limits, baseUrl, allowPrivateAddresses, clock, random, retry } =
      this.#settings;
    const call: ApiCall = {
      ...this.#statusCall(jobId, signal),
      query: resultQuery(options),
      kind: "fetch",
      timeoutMs: this.#settings.resultTimeoutMs,
      what: `fetching the result of job ${jobId}`,
    };
    const { fetchResult } = await import("./results/fetch-result.js");
    return fetchResult(this.#http, call, {
      jobId,
      apiKey,
      words,
      packWords,
      via,
      limits,
      transport: addresses,
      policy: { baseUrl, allowPrivateAddresses },
      retry: { ...retry, clock, random, signal },
    });
  }

  /** Chooses the call that a document is submitted by. @param bytes none where the service fetches it itself */
  #documentOf(name: string, bytes?: number): DocumentToSubmit {
    const kind = fileKind(name);
    const threshold = Math.min(this.#settings.uploadThresholdBytes, MAX_FORM_BYTES);
    const isUploaded = bytes !== undefined && (kind === "uploadOnly" || bytes > threshold);
    return { name, call: isUploaded ? "upload" : kind === "workbook" ? "excel" : "parse" };
  }

  /** Checks options for a document, and tells each note about them once. */
  #checked(given: ParseRequest, document: DocumentToSubmit): CurrentRequest {
    const { request, notes } = checkRequest(given, document);
    for (const note of notes) {
      if (this.#noted.has(note)) continue;
      this.#noted.add(note);
      this.#settings.onWarning(note);
    }
    return request;
  }

  /** Tells budget and observer of a new job. An error of the observer carries the job's id, so that it is not lost. */
  async #announce(
    { jobId, creditsUsed }: AcceptedJob,
    bytes: number | undefined,
    { observer }: SubmitOptions,
  ): Promise<void> {
    // The service deducts one credit for each page.
    this.#settings.budget.submitted(jobId, { pages: creditsUsed, bytes });
    this.#submitted.add(jobId);
    try {
      await observer?.submitted?.({ jobId, creditsUsed });
    } catch (thrown) {
      throw addContext(thrown, { jobId });
    }
  }

  #readStatus(jobId: string, answer: unknown): JobStatus {
    const status = readStatus(jobId, answer, this.#settings.apiKey);
    this.#submitted.delete(jobId);
    return status;
  }

  #submitContext({ signal, observer }: SubmitOptions) {
    const { apiKey, requestTimeoutMs: timeoutMs } = this.#settings;
    return { http: this.#http, apiKey, known: this.#known, timeoutMs, signal, observer };
  }

  #statusCall(jobId: string, signal: AbortSignal | undefined): ApiCall {
    // The id becomes part of a path: it must not lead anywhere else.
    if (!/^[\w-][\w.:-]{0,199}$/.test(jobId))
      throw new UnsiloedError(
        "INVALID_OPTION",
        `job id: expected an id such as the service gives, got ${JSON.stringify(jobId)}`,
      );
    return {
      method: "GET",
      path: `/parse/${encodeURIComponent(jobId)}`,
      query: { include_chunks: "false" },
      kind: "poll",
      timeoutMs: this.#settings.requestTimeoutMs,
      signal,
      what: `asking for job ${jobId}`,
      context: { jobId },
    };
  }
}
