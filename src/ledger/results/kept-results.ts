import { z } from "zod";
import type { ParsedChunk, ParsedResult, ResultInfo } from "../../documents/result.js";
import { messageOf, UnsiloedError } from "../../errors.js";
import { type Clock, systemClock } from "../../internal/async/clock.js";
import { batches } from "../../internal/batching.js";
import { sha256 } from "../../internal/hashing.js";
import { isObjectAddress } from "../../internal/object-store/address.js";
import { parseOptions } from "../../internal/options.js";
import type {
  ConnectOptions,
  ReadKeptOptions,
  ResultArchive,
  ResultKey,
  WordOptions,
} from "../result-archive.js";
import { DirectoryFiles } from "./directory-files.js";
import { KEEP_MODES, type KeepMode } from "./keep-mode.js";
import { type KeptHeader, readChunks, readHeader } from "./kept-format.js";
import { KeptResultWriter } from "./kept-result-writer.js";
import { ObjectFiles } from "./object-files.js";
import type { ListedFile, ResultFiles } from "./result-files.js";

const SUFFIX = ".result";
/** Results of earlier versions, which this one cannot read. They are deleted all the same. */
const EARLIER_SUFFIX = ".jsonl.gz";
/** The names of results, whole or incomplete. */
const OWN = /^[0-9a-f]{64}\.(?:result|.*\.tmp)$/;
const CANNOT_LIST = "the kept results cannot be listed";

/** Stands for a result that is written to see whether results can be kept. */
const PROBE = "0".repeat(64);

/** How many results are read at once to list them. */
const READ_AHEAD = 16;

/** The settings of kept results. */
export interface KeptResultsSettings {
  /**
   * Directory of the files, created when the first result is kept; or the address of a prefix in an object store, such as
   * `s3://bucket/results`. Machines may share either.
   */
  directory: string;
  /**
   * What is kept: `"none"`, `"text"` for results without word boxes, or `"all"` for whole results. Results that are
   * there already are read in any mode.
   * @default "text"
   */
  mode?: KeepMode | undefined;
}

export interface KeptResultsOptions extends KeptResultsSettings {
  /** Time, as tests may set it. @default the system's clock */
  clock?: Clock;
  /**
   * Called when a result cannot be kept or a kept one is damaged, after {@link KeptResults.connect} succeeded; neither
   * fails a run. @default nothing is done
   */
  onProblem?: (problem: UnsiloedError) => void;
}

/** Checks {@link KeptResultsSettings} and fills in their defaults. */
export const keptResultsSchema = z.strictObject({
  directory: z.string().min(1),
  mode: z.enum(KEEP_MODES).default("text"),
});

/**
 * Keeps parse results in files, one for each document, so that other splits, models or stores need no second parse.
 *
 * A file is a header, compressed blocks of chunks, and a checksum. It is there only when it is complete. Its name is a hash of the
 * document id, so that no id leads out of the directory, and a new result takes the place of the one before.
 * Addresses of pictures, which give access to them for an hour, are not kept.
 *
 * @example
 * ```ts
 * const results = new KeptResults({ directory: ".unsiloed/results" });
 * const key = { docId, contentHash, parseHash };
 * const { chunks } = (await results.read(key)) ?? results.keep(key, await client.readResult(jobId));
 * for await (const { segments } of chunks) console.log(segments.length);
 * ```
 */
export class KeptResults implements ResultArchive {
  readonly #files: ResultFiles;
  readonly #mode: KeepMode;
  readonly #onProblem: (problem: UnsiloedError) => void;

  constructor(options: KeptResultsOptions) {
    const { clock = systemClock, onProblem = () => undefined, ...given } = { ...options };
    const { directory, mode } = parseOptions(keptResultsSchema, given, "KeptResults");
    this.#files = isObjectAddress(directory)
      ? new ObjectFiles(directory)
      : new DirectoryFiles(directory, clock);
    this.#mode = mode;
    this.#onProblem = onProblem;
  }

  /**
   * Makes sure that results can be read and, unless none are kept, written and deleted. `ingest` asks for it before it
   * reads the first source, as a result that is lost would have to be paid for again.
   *
   * @throws UnsiloedError `MISSING_PACKAGE`; `UNAUTHORIZED`, `FILE_NOT_FOUND` or `SERVICE_UNAVAILABLE` as the object store
   *   answers; `LEDGER_FAILED` for a directory
   */
  async connect({ signal, readOnly = false }: ConnectOptions = {}): Promise<void> {
    const written = readOnly || this.#mode === "none" ? undefined : PROBE;
    try {
      await this.#files.check({ signal, written });
    } catch (thrown) {
      throw this.#unusable(thrown);
    }
  }

  /**
   * Returns the same result and writes it down while it is read. It is kept once its last chunk was read; a result that
   * is read in part is not. A failure to keep it does not disturb the reader.
   */
  keep(key: ResultKey, result: ParsedResult, { words = false }: WordOptions = {}): ParsedResult {
    if (this.#mode === "none") return result;
    const { docId, contentHash, parseHash } = key;
    const { info } = result;
    const header = { docId, contentHash, parseHash, words: words && this.#mode === "all", info };
    return { info, chunks: this.#tee(key, result, header) };
  }

  async *#tee(
    key: ResultKey,
    { chunks }: ParsedResult,
    header: Omit<KeptHeader, "format">,
  ): AsyncGenerator<ParsedChunk> {
    const writer = new KeptResultWriter(this.#files.write(fileOf(key.docId)), header);
    try {
      for await (const chunk of chunks) {
        await writer.write(chunk);
        yield chunk;
      }
      await writer.commit();
    } finally {
      const problem = await writer.end();
      if (problem !== undefined) this.#tell(`the result of "${key.docId}" is not kept`, problem);
    }
  }

  /**
   * Reads a kept result of exactly this parse. The whole file is checked before any of it is returned.
   *
   * @returns `undefined` when there is none, or it is of another content or other options, lacks word boxes that are
   *   needed, or is damaged; only the last is told to `onProblem`
   * @throws UnsiloedError as {@link connect}, where nothing tells whether there is one
   */
  async read(
    key: ResultKey,
    { words = false, packWords = false }: ReadKeptOptions = {},
  ): Promise<ParsedResult | undefined> {
    // A compressed result is small, and in memory no other process can replace it after it was checked.
    const found = await this.#find(key);
    if (!found || (words && !found.header.words)) return undefined;
    const name = this.#files.describe(fileOf(key.docId));
    return { info: found.header.info, chunks: readChunks(found.file, name, packWords) };
  }

  /** Reads what a kept result says of itself, without its chunks. @returns as {@link read} @throws as {@link read} */
  async readInfo(key: ResultKey): Promise<ResultInfo | undefined> {
    return (await this.#find(key))?.header.info;
  }

  /** Lists what is kept. Damaged results are left out and told to `onProblem`. */
  async *list(): AsyncGenerator<ResultKey & { jobId: string | null }> {
    const names: string[] = [];
    for await (const { file } of this.#list()) if (file.endsWith(SUFFIX)) names.push(file);
    for (const together of batches(names, { maxCount: READ_AHEAD }))
      for (const listed of await Promise.all(together.map((name) => this.#readListed(name))))
        if (listed) yield listed;
  }

  /** Deletes the kept result of a document. @returns whether there was one */
  async delete(docId: string): Promise<boolean> {
    try {
      await this.#files.delete(fileOf(docId, EARLIER_SUFFIX));
      return await this.#files.delete(fileOf(docId));
    } catch (thrown) {
      throw this.#failed("a kept result cannot be deleted", thrown);
    }
  }

  /** Counts the kept results, and the bytes of all files, including those that are being written. */
  async size(): Promise<{ results: number; bytes: number }> {
    const size = { results: 0, bytes: 0 };
    for await (const { file, bytes } of this.#list()) {
      if (file.endsWith(SUFFIX)) size.results += 1;
      size.bytes += bytes;
    }
    return size;
  }

  /** Removes what writers left that were killed. @returns how many files */
  async sweep(): Promise<number> {
    try {
      return await this.#files.sweep();
    } catch (thrown) {
      throw this.#failed(CANNOT_LIST, thrown);
    }
  }

  async #find(key: ResultKey): Promise<{ file: Buffer; header: KeptHeader } | undefined> {
    const file = await this.#files.read(fileOf(key.docId)).catch((thrown: unknown) => {
      throw this.#unusable(thrown);
    });
    try {
      const header = file && readHeader(file);
      return header && matches(header, key) ? { file, header } : undefined;
    } catch (thrown) {
      this.#tell(`the kept result of "${key.docId}" is not used`, thrown);
      return undefined;
    }
  }

  async *#list(): AsyncGenerator<ListedFile> {
    try {
      for await (const listed of this.#files.list()) if (OWN.test(listed.file)) yield listed;
    } catch (thrown) {
      throw this.#failed(CANNOT_LIST, thrown);
    }
  }

  async #readListed(name: string): Promise<(ResultKey & { jobId: string | null }) | undefined> {
    try {
      const file = await this.#files.read(name);
      if (!file) return undefined;
      const { docId, contentHash, parseHash, info } = readHeader(file);
      return { docId, contentHash, parseHash, jobId: info.jobId };
    } catch (thrown) {
      this.#tell(`the kept result ${name} is left out`, thrown);
      return undefined;
    }
  }

  /** Makes an error of what says that nothing can be read or kept here. */
  #unusable(thrown: unknown): UnsiloedError {
    if (!(thrown instanceof UnsiloedError)) return this.#failed("the kept results cannot be used", thrown);
    const { code, message, context, retryable } = thrown;
    if (code === "ABORTED") return thrown;
    return new UnsiloedError(code, `kept results: ${message}`, { ...context, retryable, cause: thrown });
  }

  #failed(what: string, cause: unknown): UnsiloedError {
    return new UnsiloedError("LEDGER_FAILED", `${what}: ${messageOf(cause)}`, { cause });
  }

  #tell(what: string, cause: unknown): void {
    this.#onProblem(this.#failed(what, cause));
  }
}

const fileOf = (docId: string, suffix = SUFFIX): string => `${sha256([docId])}${suffix}`;

const matches = (header: KeptHeader, key: ResultKey): boolean =>
  header.docId === key.docId && header.contentHash === key.contentHash && header.parseHash === key.parseHash;
