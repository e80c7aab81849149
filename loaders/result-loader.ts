import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileDocId, jobDocId } from "../src/documents/identity.js";
import type { ParsedResult } from "../src/documents/result.js";
import { UnsiloedError } from "../src/errors.js";
import { sha256, stableJson } from "../src/internal/hashing.js";
import { parseOptions } from "../src/internal/options.js";
import { addContext } from "../src/parse-api/error-context.js";
import { hashFile } from "../src/parse-api/file-input.js";
import { openResult } from "../src/parse-api/result.js";
import { parseResultBytes } from "../src/parse-api/result-bytes.js";
import { UnsiloedLoader } from "./base-loader.js";
import { type DocIdChooser, docIdChooser } from "./doc-id.js";
import { type LoaderOptions, type LoaderSettings, loaderOptionsSchema } from "./loader-options.js";
import { ParsedSource } from "./parsed-source.js";

/** A saved result: the path of a `.json` or `.json.gz` file, its bytes, or the response object. */
export type ResultInput = string | Uint8Array | Readonly<Record<string, unknown>>;

export type UnsiloedResultLoaderOptions = LoaderOptions;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const readSaved = async (file: string): Promise<Uint8Array> => {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const reason =
      code === "ENOENT"
        ? "no such file"
        : code === "EISDIR"
          ? "is a directory, not a file"
          : `cannot be read (${code})`;
    throw new UnsiloedError("FILE_NOT_FOUND", `${file}: ${reason}; expected a saved parse result`, {
      cause,
      source: file,
    });
  }
};

const parsedOrError = async (bytes: Uint8Array, name: string): Promise<unknown> => {
  try {
    return await parseResultBytes(bytes, name);
  } catch (thrown) {
    return addContext(thrown, {});
  }
};

/**
 * Loads results that were saved: what `GET /parse/{job_id}` answered, as JSON, gzip or the object itself. Needs no
 * API key and makes no request.
 *
 * Results given as objects or bytes are known by their `job_id`; without one, by a hash of their content, unless
 * `docId` is given.
 *
 * @throws UnsiloedError when loading: `FILE_NOT_FOUND`, `INVALID_RESULT` (with the path of the offending field),
 *   `JOB_FAILED` or `JOB_CANCELLED` when the result is of such a job
 * @example
 * ```ts
 * const loader = new UnsiloedResultLoader("examples/data/annual-report.json", { filter: {} });
 * const documents = await loader.load();
 * console.log(documents.length, loader.counts.filtered);
 * ```
 */
export class UnsiloedResultLoader extends UnsiloedLoader {
  readonly #results: readonly ResultInput[];
  readonly #settings: LoaderSettings;

  constructor(results: ResultInput | readonly ResultInput[], options: UnsiloedResultLoaderOptions = {}) {
    const settings = parseOptions(loaderOptionsSchema, options, "UnsiloedResultLoader");
    super(settings);
    this.#settings = settings;
    this.#results = Array.isArray(results) ? results : [results];
    for (const result of this.#results)
      if ((typeof result !== "string" && !isRecord(result)) || result === "")
        throw new UnsiloedError(
          "INVALID_OPTION",
          `UnsiloedResultLoader: expected a path, a response object or bytes, got ${result === "" ? "an empty path" : result === null ? "null" : typeof result}`,
        );
  }

  protected override async list(): Promise<ParsedSource[]> {
    const distinct = new Map<unknown, ResultInput>();
    for (const result of this.#results)
      distinct.set(typeof result === "string" ? path.resolve(result) : result, result);
    const choose = docIdChooser(this.#settings.docId, distinct.size);
    return Promise.all(
      [...distinct.values()].map((result, index) =>
        typeof result === "string"
          ? this.#file(result, choose)
          : this.#inMemory(result, distinct.size === 1 ? "result" : `result ${index + 1}`, choose),
      ),
    );
  }

  #file(file: string, choose: DocIdChooser): ParsedSource {
    const root = this.#settings.root ?? process.cwd();
    const docId = choose(file, () => fileDocId(path.resolve(file), root));
    return this.#source(
      file,
      docId,
      () => hashFile(file),
      async () => parseResultBytes(await readSaved(file), file),
    );
  }

  /** Bytes are parsed here, because the identity of the document stands in them. */
  async #inMemory(
    result: Exclude<ResultInput, string>,
    name: string,
    choose: DocIdChooser,
  ): Promise<ParsedSource> {
    const value = result instanceof Uint8Array ? await parsedOrError(result, name) : result;
    const jobId = isRecord(value) ? value["job_id"] : undefined;
    const own =
      typeof jobId === "string" && jobId !== ""
        ? jobDocId(jobId)
        : `result:${sha256([value instanceof UnsiloedError ? name : stableJson(value)]).slice(0, 32)}`;
    const source = own.startsWith("job:") ? own : name;
    const docId = choose(source, () => own);
    const hash = async () => sha256([stableJson(value)]);
    return this.#source(source, docId, hash, () => Promise.resolve(value), value);
  }

  #source(
    source: string,
    docId: string,
    hash: () => Promise<string>,
    readJson: () => Promise<unknown>,
    value?: unknown,
  ): ParsedSource {
    const { images, words } = this.#settings;
    const fetchResult = async (): Promise<ParsedResult> =>
      openResult(await readJson(), { name: source, words });
    return new ParsedSource({
      source,
      docId,
      images: images !== false,
      words,
      identify: async () => ({ contentHash: await hash(), parseHash: null }),
      open: async () => fetchResult,
      problem: value instanceof UnsiloedError ? value : undefined,
    });
  }
}
