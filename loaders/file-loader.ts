import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { fileDocId, urlDocId } from "../src/documents/identity.js";
import type { DocumentSource, SourceIdentity, SourceReadOptions } from "../src/documents/source.js";
import { addContext, UnsiloedError } from "../src/errors.js";
import { sha256, stableJson } from "../src/internal/hashing.js";
import { isObjectAddress, readObjectAddress } from "../src/internal/object-store/address.js";
import { parseOptions } from "../src/internal/options.js";
import type { SubmitOptions, UnsiloedClient } from "../src/parse-api/client.js";
import type { JobStatus } from "../src/parse-api/job-status.js";
import {
  asBlob,
  type FileInput,
  hashDocument,
  isNamedData,
  type NamedData,
} from "../src/parse-api/jobs/file-input.js";
import { fileKind, fileProblem } from "../src/parse-api/jobs/file-types.js";
import { SLIM } from "../src/parse-api/jobs/request-checks.js";
import { WORKBOOK_OPTIONS } from "../src/parse-api/jobs/request-fields.js";
import { type CurrentRequest, currentNames, olderNames } from "../src/parse-api/jobs/request-names.js";
import { type ParseRequestOptions, parseRequestSchema } from "../src/parse-api/jobs/request-options.js";
import type { Submission } from "../src/parse-api/jobs/submit.js";
import { countPages } from "../src/parse-api/pages/count-pages.js";
import { pagesInRange } from "../src/parse-api/pages/page-range.js";
import { UnsiloedLoader } from "./base-loader.js";
import { type ClientLoaderOptions, clientLoaderShape, clientOf } from "./client-loader-options.js";
import { type FilePatternOptions, filePatternShape } from "./files/file-patterns.js";
import { addSkipped, type SkippedFiles } from "./files/skipped-files.js";
import { FileSearch } from "./find-files.js";
import { readJobResult, waitForJob } from "./job-result.js";
import { DistinctIds, docIdChooser, titleChooser } from "./name-sources.js";
import { type FoundObject, type MissingObject, ObjectSearch } from "./objects/find-objects.js";
import { submitObject } from "./objects/submit-object.js";
import { ParsedSource } from "./parsed-source.js";
import { SubmissionGate } from "./submission-gate.js";

export const fileLoaderOptionsSchema = z.strictObject({
  ...clientLoaderShape,
  ...filePatternShape,
  parse: parseRequestSchema.prefault({}),
});

/** Options of {@link UnsiloedFileLoader}. */
export interface UnsiloedFileLoaderOptions extends ClientLoaderOptions, FilePatternOptions {
  /**
   * Options of the parse request, named as the service names them, such as `{ merge_tables: true }`. Unless `words`
   * are asked for or `output_fields.ocr` is given, that is sent as `false`.
   */
  parse?: ParseRequestOptions | undefined;
}

/** A path, directory, glob, URL or address in an object store; a `File`; or bytes with a name. */
export type FileSource = string | URL | File | NamedData;

/** For the job of an earlier run to be seen to have its file. */
const UPLOAD_GRACE_MS = 30_000;

/** Sets apart what an emulator answered, so that it is not taken for a result of the service. */
const LOCAL = "on this machine";

type Submit = (client: UnsiloedClient, options: SubmitOptions) => Promise<Submission>;

type CheckedDocument = Parameters<UnsiloedClient["checkRequest"]>[0];

/** A source as it was found, before its identity is settled. */
interface Candidate {
  source: string;
  /** Absolute path, where it is a file. */
  file?: string;
  /** What the options are checked for. */
  checked: CheckedDocument;
  /** What makes two candidates the same. */
  key: unknown;
  ownDocId: () => string;
  submit: Submit;
  /** Hash of the bytes, or what changes with them; `null` where only the service sees them. */
  hash: () => Promise<string | null>;
  /** Where its pages may be counted. */
  countPages?: () => Promise<number | undefined>;
  problem?: UnsiloedError | undefined;
}

const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text);

/**
 * Submits documents to the parse service, waits for the jobs and loads their results. Every submission costs
 * credits; all sources are looked for and checked before the first is submitted.
 *
 * Sources are paths, directories (with all that is below them), globs, http(s) URLs that the service fetches
 * itself, `File`s, and `{ data, name }` with bytes or a `Blob`. A file that is reached twice is read once. What
 * directories and globs hold beside documents is passed over and counted in `skipped`.
 *
 * `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix` names an object, all objects below a prefix, or
 * those that match a glob. The SDK of the service, which has to be installed, finds its settings and credentials in the
 * environment. `sources()` lists files and objects as they are needed, so that a directory or bucket of any size is never
 * in memory; files are in the order of their paths, those behind links last.
 *
 * @throws UnsiloedError `API_KEY_MISSING`, `INVALID_OPTION`; when loading `FILE_NOT_FOUND`, `UNSUPPORTED_FILE`,
 *   `FILE_TOO_LARGE`, `OUT_OF_CREDITS`, `SUBMISSION_UNKNOWN`, `UPLOAD_FAILED` and what `UnsiloedJobLoader` throws
 * @example
 * ```ts
 * const loader = new UnsiloedFileLoader(["reports/*.pdf", "https://example.com/annual.pdf"], {
 *   parse: { merge_tables: true },
 *   filter: {},
 * });
 * const documents = await loader.load();
 * ```
 */
export class UnsiloedFileLoader extends UnsiloedLoader {
  readonly #sources: readonly FileSource[];
  readonly #client: UnsiloedClient;
  /** With `parse` as the user gave it. */
  readonly #settings: z.output<typeof fileLoaderOptionsSchema>;
  readonly #request: CurrentRequest;
  #files: FileSearch;
  #objects: ObjectSearch;

  constructor(sources: FileSource | readonly FileSource[], options: UnsiloedFileLoaderOptions = {}) {
    const settings = parseOptions(fileLoaderOptionsSchema, options, "UnsiloedFileLoader");
    super(settings);
    this.#settings = settings;
    if (settings.parse.response_profile === "slim")
      throw new UnsiloedError("INVALID_OPTION", `UnsiloedFileLoader: parse.response_profile: ${SLIM}`);
    this.#request = withoutUnusedWords(currentNames(settings.parse), settings.words);
    this.#sources = Array.isArray(sources) ? sources : [sources];
    for (const source of this.#sources) checkSource(source);
    this.#client = clientOf(settings.client, options, "UnsiloedFileLoader");
    this.#files = new FileSearch(settings);
    this.#objects = new ObjectSearch(settings);
  }

  /** What directories, prefixes and globs held that was not taken, when the sources were last looked for. */
  get skipped(): SkippedFiles {
    const sum = this.#files.skipped;
    addSkipped(sum, this.#objects.skipped);
    return sum;
  }

  override async *sources(): AsyncGenerator<DocumentSource> {
    const { docId, title } = this.#settings;
    // A text can only be for a single source, so that all are counted first.
    if (typeof docId === "string" || typeof title === "string") return yield* super.sources();
    this.#begin();
    const toSource = this.#sourceMaker(1);
    const others = this.#sources.filter((named) => !isObject(named));
    const ids = new DistinctIds();
    for await (const candidate of this.#distinct(others)) yield ids.checked(toSource(candidate));
    for (const named of this.#sources.filter(isObject))
      for await (const candidate of this.#candidates(named)) yield toSource(candidate);
  }

  protected override async list(): Promise<ParsedSource[]> {
    this.#begin();
    const candidates: Candidate[] = [];
    for await (const candidate of this.#distinct(this.#sources)) candidates.push(candidate);
    return candidates.map(this.#sourceMaker(candidates.length));
  }

  /** Finds each candidate once. One search finds none twice by itself, so that nothing need be remembered of it. */
  async *#distinct(sources: readonly FileSource[]): AsyncGenerator<Candidate> {
    const seen = new Set<unknown>();
    for (const named of sources)
      for await (const candidate of this.#candidates(named)) {
        if (seen.has(candidate.key)) continue;
        if (sources.length > 1) seen.add(candidate.key);
        yield candidate;
      }
  }

  #begin(): void {
    this.#files = new FileSearch(this.#settings);
    this.#objects = new ObjectSearch(this.#settings);
  }

  /** @param count how many sources there are: a text can only name one */
  #sourceMaker(count: number): (candidate: Candidate) => ParsedSource {
    const settings = this.#settings;
    const choose = docIdChooser(settings.docId, count);
    const titleOf = titleChooser(settings.title, count);
    const gate = new SubmissionGate();
    return ({ source, file, checked, ownDocId, submit, hash, countPages, problem }) =>
      new ParsedSource({
        source,
        file,
        docId: choose(source, ownDocId),
        isDocIdChosen: settings.docId !== undefined,
        title: titleOf(source),
        images: settings.images !== false,
        words: settings.words,
        problem: problem ?? this.#checkOptions(checked, source),
        identify: () => this.#identify(checked, hash),
        countPages: async () => pagesInRange(this.#request.page_range, await countPages?.()),
        origin: {
          finishJob: (options) => this.#finishJob(gate, submit, options),
          readResult: (job, options) => readJobResult(this.#client, job, settings, options),
        },
      });
  }

  async *#candidates(named: FileSource): AsyncGenerator<Candidate> {
    if (typeof named !== "string" && !(named instanceof URL)) return yield this.#inMemory(named);
    const text = String(named);
    if (isWebAddress(text)) return yield this.#web(new URL(text));
    if (isObjectAddress(text)) {
      for await (const page of this.#objects.find(text)) for (const found of page) yield this.#object(found);
      return;
    }
    const root = this.#settings.root ?? process.cwd();
    const found = this.#files.stream(text.startsWith("file:") ? fileURLToPath(text) : text);
    for await (const { file, realPath, bytes, problem } of found)
      yield {
        source: file,
        file: path.resolve(file),
        key: realPath,
        checked: { name: path.basename(file), bytes },
        // The root itself, which holds no document, has no path from the root.
        ownDocId: () => fileDocId(path.resolve(file), root) || file,
        submit: this.#submitFile(file),
        hash: () => hashDocument(file),
        countPages: () => countPages(file, file),
        problem,
      };
  }

  #object(found: FoundObject | MissingObject): Candidate {
    const { address, problem } = found;
    const named = { source: address, key: address, ownDocId: () => address, problem };
    const name = path.posix.basename(address);
    if (!("object" in found))
      return {
        ...named,
        checked: { name },
        hash: async () => null,
        submit: () => Promise.reject(found.problem),
      };
    const { object } = found;
    return {
      ...named,
      checked: { name, bytes: object.bytes },
      submit: (client, options) => submitObject(found, client, this.#request, options),
      hash: async () => object.contentTag,
    };
  }

  #web(url: URL): Candidate {
    const docId = urlDocId(url.href);
    return {
      source: docId,
      key: docId,
      checked: url,
      ownDocId: () => docId,
      submit: (client, options) => client.submitUrl(url, this.#request, options),
      hash: async () => null,
    };
  }

  #inMemory(named: File | NamedData): Candidate {
    const bytes =
      named instanceof Blob ? named.size : named.data instanceof Blob ? named.data.size : named.data.length;
    return {
      source: named.name,
      key: named,
      checked: { name: named.name, bytes },
      ownDocId: () => named.name,
      submit: this.#submitFile(named),
      hash: () => hashDocument(named),
      countPages: () => countPages(named.name, asBlob(named)),
      problem: fileProblem(named.name, bytes),
    };
  }

  #submitFile(file: FileInput): Submit {
    return (client, options) => client.submitFile(file, this.#request, options);
  }

  /** Finds what is wrong with the options for a document, and has the client tell what the user should know. */
  #checkOptions(document: CheckedDocument, source: string): UnsiloedError | undefined {
    try {
      this.#client.checkRequest(document, this.#settings.parse);
      return undefined;
    } catch (thrown) {
      return addContext(thrown, { source });
    }
  }

  async #identify(document: CheckedDocument, hash: () => Promise<string | null>): Promise<SourceIdentity> {
    const parseOptions = optionsFor(
      document instanceof URL ? document.pathname : document.name,
      this.#request,
    );
    const asked = stableJson(olderNames(parseOptions));
    const parseHash = sha256([asked]);
    const contentHash = await hash();
    if (!this.#client.isLocal) return { contentHash, parseHash, parseOptions };
    return {
      contentHash,
      parseHash: sha256([asked, LOCAL]),
      serviceParseHash: parseHash,
      parseOptions,
    };
  }

  async #finishJob(gate: SubmissionGate, submit: Submit, options: SourceReadOptions): Promise<JobStatus> {
    const { wait } = this.#settings;
    const jobId = options.jobId ?? (await options.findJob?.());
    if (jobId === undefined)
      return waitForJob(this.#client, await this.#submit(gate, submit, options), wait, options);
    // The process that was to send the file of that job has ended, and so has the address.
    return waitForJob(this.#client, jobId, { uploadGraceMs: UPLOAD_GRACE_MS, ...wait }, options);
  }

  async #submit(gate: SubmissionGate, submit: Submit, options: SourceReadOptions): Promise<string> {
    const { signal, observer } = options;
    const send = () => submit(this.#client, { signal, observer });
    if (!observer?.queueing) return (await gate.pass(send)).jobId;
    // An observer that says what may be submitted also learns what was refused, and needs no gate.
    await observer.queueing();
    return (await send()).jobId;
  }
}

/** Word boxes are nearly all of a result: where nobody needs them, the service is told not to write them. */
const withoutUnusedWords = (request: CurrentRequest, words: boolean): CurrentRequest =>
  words || request.output_fields?.ocr !== undefined
    ? request
    : { ...request, output_fields: { ...request.output_fields, ocr: false } };

/** Leaves out the options of workbooks for other documents, whose result they do not change. */
const optionsFor = (name: string, request: CurrentRequest): CurrentRequest => {
  if (fileKind(name) === "workbook") return request;
  const own = { ...request };
  for (const option of WORKBOOK_OPTIONS) delete own[option];
  return own;
};

const isObject = (source: FileSource): source is string =>
  typeof source === "string" && isObjectAddress(source);

const checkSource = (source: unknown): void => {
  if (typeof source === "string" && isObjectAddress(source)) return void readObjectAddress(source);
  const isBrokenAddress = typeof source === "string" && isWebAddress(source) && !URL.canParse(source);
  if (typeof source === "string" && source.trim() !== "" && !isBrokenAddress) return;
  if (source instanceof URL && /^(https?|file):$/.test(source.protocol)) return;
  if (isNamedData(source instanceof File ? { data: source, name: source.name } : source)) return;
  const found =
    source instanceof URL
      ? `a URL with ${source.protocol}`
      : source instanceof Blob
        ? "a Blob without a name"
        : typeof source === "string"
          ? JSON.stringify(source)
          : source === null
            ? "null"
            : typeof source;
  throw new UnsiloedError(
    "INVALID_OPTION",
    `UnsiloedFileLoader: expected a path, directory, glob, http(s) URL, address in an object store, File or { data, name }, got ${found}`,
  );
};
