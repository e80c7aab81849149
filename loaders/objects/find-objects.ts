import path from "node:path";
import { UnsiloedError } from "../../src/errors.js";
import { objectAddress, readObjectAddress } from "../../src/internal/object-store/address.js";
import type { ObjectStore, StoredObject } from "../../src/internal/object-store/object-store.js";
import { ObjectStores } from "../../src/internal/object-store/open-store.js";
import { type FilePatternOptions, FilePatterns, isGlob, openGlob } from "../files/file-patterns.js";
import { addPath, nothingSkipped, type SkippedFiles } from "../files/skipped-files.js";
import { type FileRules, isLeftOut, isTaken } from "../files/walk.js";
import { DOCUMENTS, type FileKind } from "../find-files.js";

/** An object that was named or found. */
export interface FoundObject {
  /** Such as `s3://bucket/reports/2025.pdf`. */
  address: string;
  store: ObjectStore;
  object: StoredObject;
  problem?: UnsiloedError | undefined;
}

/** What is wrong with an address. */
export interface MissingObject {
  address: string;
  problem: UnsiloedError;
}

interface Place {
  address: (key?: string) => string;
  store: ObjectStore;
}

/** Failures of one address, which do not concern what else was named. */
const isOfAddress = (thrown: unknown): thrown is UnsiloedError =>
  thrown instanceof UnsiloedError &&
  (thrown.code === "FILE_NOT_FOUND" || thrown.code === "SERVICE_UNAVAILABLE");

/** One search for objects by several addresses, with the patterns that hold for prefixes and globs. */
export class ObjectSearch {
  readonly #kind: FileKind;
  readonly #patterns: FilePatterns;
  readonly #skipped = nothingSkipped();
  readonly #stores = new ObjectStores();

  constructor(options: FilePatternOptions = {}, kind: FileKind = DOCUMENTS) {
    this.#kind = kind;
    this.#patterns = new FilePatterns(options);
  }

  /** What the search has not taken so far. */
  get skipped(): SkippedFiles {
    return { ...this.#skipped, unmatchedPatterns: this.#patterns.unmatched };
  }

  /**
   * Finds what an address stands for: an object; all objects below a prefix, which ends at a `/` as a directory does; or
   * the matches of a glob. What is passed over is the same as in directories. They come by pages of at most 1,000, so that
   * a bucket of any size is never in memory.
   *
   * @throws UnsiloedError `INVALID_OPTION`, `UNAUTHORIZED`, `MISSING_PACKAGE`
   */
  async *find(named: string): AsyncGenerator<(FoundObject | MissingObject)[]> {
    const { scheme, bucket, key } = readObjectAddress(named);
    const address = (ofKey?: string) => objectAddress({ scheme, bucket }, ofKey);
    const store = await this.#stores.open({ scheme, bucket });
    const place = { address, store };
    try {
      const object = key === "" || key.endsWith("/") ? undefined : await store.find(key);
      if (object) yield [this.#found(place, object)];
      else yield* this.#list(place, key);
    } catch (thrown) {
      if (!isOfAddress(thrown)) throw thrown;
      yield [{ address: named, problem: thrown }];
    }
  }

  async *#list(place: Place, key: string): AsyncGenerator<(FoundObject | MissingObject)[]> {
    const { prefix, takes, asksFor } = this.#rulesOf(key);
    const rules = { takes, asksFor, isWanted: this.#kind.includes, skipped: this.#skipped };
    let isAny = false;
    for await (const page of place.store.list(prefix)) {
      const found = page
        .filter((object) => this.#isTaken(place.address(object.key), object.key.slice(prefix.length), rules))
        .map((object) => this.#found(place, object));
      isAny ||= found.length > 0;
      if (found.length > 0) yield found;
    }
    if (isAny) return;
    const { what, expected } = this.#kind;
    const wanted = what + (this.#patterns.areAny ? " and that include and exclude take" : "");
    const problem = new UnsiloedError(
      "FILE_NOT_FOUND",
      `${place.address(key)}: there is neither such an object nor any ${wanted} below it; expected ${expected}`,
      { source: place.address(key) },
    );
    yield [{ address: place.address(key), problem }];
  }

  /** Returns what is listed for a prefix or a glob, and what of it is taken. */
  #rulesOf(key: string): { prefix: string } & Pick<FileRules, "takes" | "asksFor"> {
    const patterns = this.#patterns;
    if (!isGlob(key)) {
      const prefix = key === "" || key.endsWith("/") ? key : `${key}/`;
      return { prefix, takes: (file) => patterns.takes(file), asksFor: (name) => patterns.asksFor(name) };
    }
    const { base, matches, spells } = openGlob(key, { nocase: false });
    return {
      prefix: base === "." ? "" : `${base}/`,
      takes: (file) => matches(file) && patterns.takes(file),
      asksFor: (name) => spells(name) || patterns.asksFor(name),
    };
  }

  #isTaken(address: string, relative: string, rules: FileRules): boolean {
    const names = relative.split("/");
    const name = names.pop() ?? "";
    // Consoles make such objects to show a directory.
    if (name === "") return false;
    for (const [index, directory] of names.entries()) {
      const above = names.slice(0, index + 1).join("/");
      if (this.#patterns.closes(above)) return false;
      if (isLeftOut(directory) && !rules.asksFor(above)) {
        addPath(this.#skipped.leftOut, address.slice(0, address.length - relative.length + above.length));
        return false;
      }
    }
    return isTaken(name, address, relative, rules);
  }

  #found({ address, store }: Place, object: StoredObject): FoundObject {
    const problem = this.#kind.problemOf(path.posix.basename(object.key), object.bytes);
    return { address: address(object.key), store, object, problem };
  }
}
