import { type FileHandle, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Clock } from "../../internal/async/clock.js";
import { makeDirectory } from "../../internal/make-directory.js";
import { propertyOf } from "../../internal/objects.js";
import { currentProcess, hasEnded } from "../../internal/process-identity.js";
import type { CheckOptions, ListedFile, ResultFiles, ResultFileWriter } from "./result-files.js";

const TEMPORARY = /^[0-9a-f]{64}\.([0-9a-f]+)-(\d+)-[0-9a-f-]+\.tmp$/;
/** Age from which a temporary file counts as abandoned, even where nothing tells whether its writer has ended. */
const ABANDONED_MS = 86_400_000;

const isMissing = (thrown: unknown): boolean => {
  const code = propertyOf(thrown, "code");
  return code === "ENOENT" || code === "ENOTDIR";
};

/** Makes a rename durable, for which the directory has to be synced as well. Windows cannot do that. */
const syncDirectory = async (directory: string): Promise<void> => {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/**
 * Writes a temporary file and renames it once it is complete and on the disk: a job expires, and its result would have to
 * be paid for again after a power failure.
 */
class TemporaryFile implements ResultFileWriter {
  readonly #target: string;
  readonly #temporary: string;
  #file: FileHandle | undefined;
  #isCommitted = false;

  constructor(target: string, temporary: string) {
    this.#target = target;
    this.#temporary = temporary;
  }

  async append(bytes: Buffer): Promise<void> {
    this.#file ??= await this.#open();
    await this.#file.writeFile(bytes);
  }

  async commit(): Promise<void> {
    const file = this.#file ?? (await this.#open());
    await file.sync();
    await file.close();
    this.#file = undefined;
    await rename(this.#temporary, this.#target);
    this.#isCommitted = true;
    await syncDirectory(path.dirname(this.#target));
  }

  async close(): Promise<void> {
    if (this.#isCommitted) return;
    await this.#file?.close().catch(() => undefined);
    await rm(this.#temporary, { force: true }).catch(() => undefined);
  }

  async #open(): Promise<FileHandle> {
    const openNew = () => open(this.#temporary, "wx");
    try {
      return await openNew();
    } catch (thrown) {
      if (propertyOf(thrown, "code") !== "ENOENT") throw thrown;
      await makeDirectory(path.dirname(this.#target));
      return openNew();
    }
  }
}

/** Files in a directory, which machines may share; it is created when the first file is written. */
export class DirectoryFiles implements ResultFiles {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #here = currentProcess();

  constructor(directory: string, clock: Clock) {
    this.#directory = path.resolve(directory);
    this.#clock = clock;
  }

  async check({ written }: CheckOptions): Promise<void> {
    await this.#names();
    if (written === undefined) return;
    const file = this.write(written);
    try {
      await file.append(Buffer.of());
    } finally {
      await file.close();
    }
  }

  describe(file: string): string {
    return path.join(this.#directory, file);
  }

  async read(file: string): Promise<Buffer | undefined> {
    try {
      return await readFile(this.describe(file));
    } catch (thrown) {
      if (isMissing(thrown)) return undefined;
      throw thrown;
    }
  }

  write(file: string): ResultFileWriter {
    const { machine, pid } = this.#here;
    const temporary = `${path.parse(file).name}.${machine}-${pid}-${crypto.randomUUID()}.tmp`;
    return new TemporaryFile(this.describe(file), this.describe(temporary));
  }

  async delete(file: string): Promise<boolean> {
    try {
      await rm(this.describe(file));
      return true;
    } catch (thrown) {
      if (isMissing(thrown)) return false;
      throw thrown;
    }
  }

  async *list(): AsyncGenerator<ListedFile> {
    for (const file of await this.#names()) {
      // Another process may have removed it since it was listed.
      const found = await stat(this.describe(file)).catch(() => undefined);
      if (found?.isFile()) yield { file, bytes: found.size };
    }
  }

  /** Removes temporary files of writers that have ended. */
  async sweep(): Promise<number> {
    let removed = 0;
    for (const name of await this.#names()) {
      const [, machine, pid] = TEMPORARY.exec(name) ?? [];
      if (machine === undefined || pid === undefined) continue;
      const file = this.describe(name);
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
      return await readdir(this.#directory);
    } catch (thrown) {
      if (isMissing(thrown)) return [];
      throw thrown;
    }
  }
}
