import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { fileDocId, jobDocId } from "../src/documents/identity.js";
import type { ParsedResult } from "../src/documents/result.js";
import { addContext, messageOf, UnsiloedError } from "../src/errors.js";
import { sha256, stableJson } from "../src/internal/hashing.js";
import { isRecord, propertyOf } from "../src/internal/objects.js";
import { parseOptions } from "../src/internal/options.js";
import { hashFile } from "../src/parse-api/jobs/file-input.js";
import { openResult } from "../src/parse-api/results/in-memory.js";
import { readFields } from "../src/parse-api/results/read-fields.js";
import type { StreamOptions } from "../src/parse-api/results/result-reader.js";
import { openSavedResult } from "../src/parse-api/results/saved-result.js";
import { UnsiloedLoader } from "./base-loader.js";
import { type FilePatternOptions, filePatternShape } from "./files/file-patterns.js";
import { nothingSkipped, type SkippedFiles } from "./files/skipped-files.js";
import { FileSearch, type FoundFile, SAVED_RESULTS } from "./find-files.js";
import { type LoaderOptions, loaderShape } from "./loader-options.js";
import { type DocIdChooser, docIdChooser, type TitleChooser, titleChooser } from "./name-sources.js";
import { ParsedSource, type ParsedSourceSpec } from "./parsed-source.js";

/**
 * A saved result: the path of a file, its bytes, or the response object; or many of them: a directory, whose `.json` and
 * `.json.gz` files at any depth are read, or a glob of such files.
 */
export type ResultInput = string | Uint8Array | Readonly<Record<string, unknown>>;

export interface UnsiloedResultLoaderOptions extends LoaderOptions, FilePatternOptions {}

export const resultLoaderOptionsSchema = z.strictObject({ ...loaderShape, ...filePatternShape });

const unreadable = (file: string, cause: unknown): UnsiloedError =>
  new UnsiloedError(
    "FILE_NOT_FOUND",
    `${file}: cannot be read (${propertyOf(cause, "code")}); expected a saved parse result`,
    { cause, source: file },
  );

/** Reads the bytes of a saved result. @throws UnsiloedError `FILE_NOT_FOUND` */
export async function* readSaved(file: string): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(file);
  try {
    for await (const piece of stream) yield piece;
  } catch (thrown) {
    throw unreadable(file, thrown);
  } finally {
    stream.destroy();
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** How a result is identified and opened. */
interface Saved {
  hash: () => Promise<string>;
  open: (options: StreamOptions, signal: AbortSignal | undefined) => Promise<ParsedResult>;
  problem?: UnsiloedError | undefined;
}

/** How sources get their ids and titles. */
interface Names {
  choose: DocIdChooser;
  titleOf: TitleChooser;
}

/** A result as it was listed: a file that was found, or what was given in memory. */
type Listed = { found: FoundFile } | { given: Exclude<ResultInput, string> };

/**
 * Loads results that were saved: what `GET /parse/{job_id}` answered, as JSON, gzip or the object itself. Needs no
 * API key and makes no request.
 *
 * Files and bytes are read as a stream, so their size does not matter. Results given as objects or bytes are known by their
 * `job_id`; without one, by a hash of their content, unless `docId` is given.
 *
 * A directory stands for the `.json` and `.json.gz` files at any depth, hidden ones excepted, and a glob for those that it
 * matches; any other file that is named itself is read as a result.
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
  readonly #settings: z.output<typeof resultLoaderOptionsSchema>;
  #skipped = nothingSkipped();

  constructor(results: ResultInput | readonly ResultInput[], options: UnsiloedResultLoaderOptions = {}) {
    const settings = parseOptions(resultLoaderOptionsSchema, options, "UnsiloedResultLoader");
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

  /** What directories and globs held that was not taken, when the results were last looked for. */
  get skipped(): SkippedFiles {
    return this.#skipped;
  }

  protected override async list(): Promise<ParsedSource[]> {
    const search = new FileSearch(this.#settings, SAVED_RESULTS);
    const distinct = new Map<unknown, Listed>();
    for (const given of this.#results)
      if (typeof given !== "string") distinct.set(given, { given });
      else
        for (const found of await search.find(given))
          if (!distinct.has(found.realPath)) distinct.set(found.realPath, { found });
    this.#skipped = search.skipped;
    const { docId, title } = this.#settings;
    const names = { choose: docIdChooser(docId, distinct.size), titleOf: titleChooser(title, distinct.size) };
    return Promise.all(
      [...distinct.values()].map((listed, index) =>
        "found" in listed
          ? this.#file(listed.found, names)
          : this.#inMemory(listed.given, distinct.size === 1 ? "result" : `result ${index + 1}`, names),
      ),
    );
  }

  #file({ file, problem }: FoundFile, { choose, titleOf }: Names): ParsedSource {
    const root = this.#settings.root ?? process.cwd();
    const docId = choose(file, () => fileDocId(path.resolve(file), root) || file);
    return this.#source(
      { source: file, file: path.resolve(file), docId, title: titleOf(file) },
      {
        hash: () => hashFile(file),
        open: (options, signal) => openSavedResult(() => readSaved(file), options, signal),
        problem,
      },
    );
  }

  /** Bytes are looked at here, because the identity of the document stands in them. */
  async #inMemory(
    result: Exclude<ResultInput, string>,
    name: string,
    { choose, titleOf }: Names,
  ): Promise<ParsedSource> {
    const { fields, content, saved } = await this.#examine(result, name);
    const jobId = isRecord(fields) ? fields["job_id"] : undefined;
    const own =
      typeof jobId === "string" && jobId !== "" ? jobDocId(jobId) : `result:${content.slice(0, 32)}`;
    const source = own.startsWith("job:") ? own : name;
    return this.#source({ source, docId: choose(source, () => own), title: titleOf(source) }, saved);
  }

  async #examine(
    result: Exclude<ResultInput, string>,
    name: string,
  ): Promise<{ fields: unknown; content: string; saved: Saved }> {
    if (result instanceof Uint8Array) {
      const content = createHash("sha256").update(result).digest("hex");
      const hash = async () => content;
      const open: Saved["open"] = (options, signal) => openSavedResult(() => once(result), options, signal);
      const { limits } = this.#settings;
      return readFields(once(result), { name, limits }).then(
        (fields) => ({ fields, content, saved: { hash, open } }),
        (thrown: unknown) => ({
          fields: undefined,
          content,
          saved: { hash, open, problem: addContext(thrown, {}) },
        }),
      );
    }
    const open: Saved["open"] = async (options) => openResult(result, options);
    try {
      const content = sha256([stableJson(result)]);
      return { fields: result, content, saved: { hash: async () => content, open } };
    } catch (cause) {
      // Nested too deep, or in a circle.
      const problem = new UnsiloedError("INVALID_RESULT", `${name}: no JSON: ${messageOf(cause)}`, { cause });
      return {
        fields: result,
        content: sha256([name]),
        saved: { hash: async () => sha256([name]), open, problem },
      };
    }
  }

  #source(
    named: Pick<ParsedSourceSpec, "source" | "file" | "docId" | "title">,
    { hash, open, problem }: Saved,
  ): ParsedSource {
    const { images, words, limits, docId } = this.#settings;
    const { source } = named;
    return new ParsedSource({
      ...named,
      isDocIdChosen: docId !== undefined,
      images: images !== false,
      words,
      identify: async () => ({ contentHash: await hash(), parseHash: null }),
      origin: {
        readSaved: ({ signal, packWords }) => open({ name: source, words, packWords, limits }, signal),
      },
      problem,
    });
  }
}
