import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { ParsedChunk, ParsedResult, ResultInfo } from "../../documents/result.js";
import { messageOf, UnsiloedError } from "../../errors.js";
import { type Clock, systemClock } from "../../internal/async/clock.js";
import { sha256 } from "../../internal/hashing.js";
import { propertyOf } from "../../internal/objects.js";
import { parseOptions } from "../../internal/options.js";
import { currentProcess, hasEnded } from "../../internal/process-identity.js";
import type { ReadKeptOptions, ResultArchive, ResultKey, WordOptions } from "../result-archive.js";
import { KeptFileWriter } from "./kept-file-writer.js";
import { type KeptHeader, readChunks, readHeader } from "./kept-format.js";

export const KEEP_MODES = ["none", "text", "all"] as const;
export type KeepMode = (typeof KEEP_MODES)[number];

const SUFFIX = ".result";
/** Results of earlier versions, which this one cannot read. They are deleted all the same. */
const EARLIER_SUFFIX = ".jsonl.gz";
const TEMPORARY = /^[0-9a-f]{64}\.([0-9a-f]+)-(\d+)-[0-9a-f-]+\.tmp$/;
/** Age from which a temporary file counts as abandoned, even where nothing tells whether its writer has ended. */
const ABANDONED_MS = 86_400_000;

/** The settings of kept results. */
export interface KeptResultsSettings {
  /** Directory of the files; created when the first result is kept. */
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
  /** Called when a result cannot be kept, or a kept one is damaged; neither fails a run. @default nothing is done */
  onProblem?: (problem: UnsiloedError) => void;
}

/** The header of a file is shorter than this, unless the id of the document is a long text. */
const FIRST_BYTES = 4096;

/** Reads a file to the end of its first line, or a little further. */
const readFirstLine = async (name: string): Promise<Buffer> => {
  const file = await open(name);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(FIRST_BYTES), position: 0 });
    const read = buffer.subarray(0, bytesRead);
    return read.includes("\n") ? read : await file.readFile();
  } finally {
    await file.close();
  }
};

/** Checks {@link KeptResultsSettings} and fills in their defaults. */
export const keptResultsSchema = z.strictObject({
  directory: z.string().min(1),
  mode: z.enum(KEEP_MODES).default("text"),
});

const isMissing = (thrown: unknown): boolean => {
  const code = propertyOf(thrown, "code");
  return code === "ENOENT" || code === "ENOTDIR";
};

/**
 * Keeps parse results in files, one for each document, so that other splits, models or stores need no second parse.
 *
 * A file is a header, compressed blocks of chunks, and a checksum. It gets its name only when it is complete. The name is a hash of the document id, so that no id leads out of the directory.
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
  readonly #directory: string;
  readonly #mode: KeepMode;
  readonly #clock: Clock;
  readonly #onProblem: (problem: UnsiloedError) => void;
  readonly #here = currentProcess();

  constructor(options: KeptResultsOptions) {
    const { clock = systemClock, onProblem = () => undefined, ...given } = { ...options };
    const { directory, mode } = parseOptions(keptResultsSchema, given, "KeptResults");
    this.#directory = path.resolve(directory);
    this.#mode = mode;
    this.#clock = clock;
    this.#onProblem = onProblem;
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
    const writer = new KeptFileWriter(this.#fileOf(key.docId), this.#temporaryOf(key.docId), header);
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
   */
  async read(
    key: ResultKey,
    { words = false, packWords = false }: ReadKeptOptions = {},
  ): Promise<ParsedResult | undefined> {
    const name = this.#fileOf(key.docId);
    try {
      // A compressed result is small, and in memory no other process can replace it after it was checked.
      const file = await readFile(name);
      const header = readHeader(file);
      if (!matches(header, key) || (words && !header.words)) return undefined;
      return { info: header.info, chunks: readChunks(file, name, packWords) };
    } catch (thrown) {
      if (!isMissing(thrown)) this.#tell(`the kept result of "${key.docId}" is not used`, thrown);
      return undefined;
    }
  }

  /** Reads what a kept result says of itself, without its chunks. @returns as {@link read} */
  async readInfo(key: ResultKey): Promise<ResultInfo | undefined> {
    try {
      const header = readHeader(await readFirstLine(this.#fileOf(key.docId)));
      return matches(header, key) ? header.info : undefined;
    } catch (thrown) {
      if (!isMissing(thrown)) this.#tell(`the kept result of "${key.docId}" is not used`, thrown);
      return undefined;
    }
  }

  /** Lists what is kept. Damaged results are left out and told to `onProblem`. */
  async *list(): AsyncGenerator<ResultKey & { jobId: string | null }> {
    for (const name of await this.#names()) {
      if (!name.endsWith(SUFFIX)) continue;
      try {
        const { docId, contentHash, parseHash, info } = readHeader(
          await readFile(path.join(this.#directory, name)),
        );
        yield { docId, contentHash, parseHash, jobId: info.jobId };
      } catch (thrown) {
        if (!isMissing(thrown)) this.#tell(`the kept result ${name} is left out`, thrown);
      }
    }
  }

  /** Deletes the kept result of a document. @returns whether there was one */
  async delete(docId: string): Promise<boolean> {
    try {
      await rm(this.#fileOf(docId, EARLIER_SUFFIX), { force: true });
      await rm(this.#fileOf(docId));
      return true;
    } catch (thrown) {
      if (isMissing(thrown)) return false;
      throw this.#failed("a kept result cannot be deleted", thrown);
    }
  }

  /** Counts the kept results, and the bytes of all files, including those that are being written. */
  async size(): Promise<{ results: number; bytes: number }> {
    const names = await this.#names();
    let bytes = 0;
    for (const name of names) bytes += await this.#bytesOf(name);
    return { results: names.filter((name) => name.endsWith(SUFFIX)).length, bytes };
  }

  /** Removes temporary files of writers that have ended. @returns how many */
  async sweep(): Promise<number> {
    let removed = 0;
    for (const name of await this.#names()) {
      const [, machine, pid] = TEMPORARY.exec(name) ?? [];
      if (machine === undefined || pid === undefined) continue;
      const file = path.join(this.#directory, name);
      const age =
        this.#clock.now() - (await stat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))).mtimeMs;
      if (!hasEnded({ machine, pid: Number(pid) }, this.#here) && age < ABANDONED_MS) continue;
      await rm(file, { force: true });
      removed += 1;
    }
    return removed;
  }

  async #names(): Promise<string[]> {
    try {
      return (await readdir(this.#directory)).filter((name) => name.endsWith(SUFFIX) || TEMPORARY.test(name));
    } catch (thrown) {
      if (isMissing(thrown)) return [];
      throw this.#failed("the directory of kept results cannot be read", thrown);
    }
  }

  async #bytesOf(name: string): Promise<number> {
    // Another process may have removed it since it was listed.
    return stat(path.join(this.#directory, name)).then(
      ({ size }) => size,
      () => 0,
    );
  }

  #fileOf(docId: string, suffix = SUFFIX): string {
    return path.join(this.#directory, `${sha256([docId])}${suffix}`);
  }

  #temporaryOf(docId: string): string {
    const { machine, pid } = this.#here;
    return path.join(this.#directory, `${sha256([docId])}.${machine}-${pid}-${crypto.randomUUID()}.tmp`);
  }

  #failed(what: string, cause: unknown): UnsiloedError {
    return new UnsiloedError("LEDGER_FAILED", `${what}: ${messageOf(cause)}`, { cause });
  }

  #tell(what: string, cause: unknown): void {
    this.#onProblem(this.#failed(what, cause));
  }
}

const matches = (header: KeptHeader, key: ResultKey): boolean =>
  header.docId === key.docId && header.contentHash === key.contentHash && header.parseHash === key.parseHash;
