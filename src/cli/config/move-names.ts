import { existsSync } from "node:fs";
import path from "node:path";
import { isGlob } from "../../../loaders/files/file-patterns.js";
import { isObjectAddress } from "../../internal/object-store/address.js";
import { isDatabase } from "../../internal/postgres/address.js";
import { readKeepResults } from "../setup/keep-results.js";
import { STORES } from "../setup/registry.js";

// What the user typed in one directory, as it is written in another.

/** Characters that mean something in a glob, so that they are escaped where they are part of a name. */
const GLOB_CHARACTERS = /[()[\]{}*?!|+@]/g;

/** Moves names from the directory `from`, where they were typed, to the working directory. */
export class MovedNames {
  readonly #from: string;
  /** Path of that directory, relative to the working directory. */
  readonly #prefix: string;

  constructor(from: string) {
    this.#from = from;
    this.#prefix = path.relative(process.cwd(), from);
  }

  readonly path = (name: string): string => (path.isAbsolute(name) ? name : path.join(this.#prefix, name));

  /** Moves the directory of the state; an address is the same everywhere. */
  readonly state = (name: string): string => (isDatabase(name) ? name : this.path(name));

  /** Moves the directory of kept results, where one is named. */
  readonly keptResults = (named: string): string => {
    const { mode, place } = readKeepResults(named) ?? {};
    return place === undefined || isObjectAddress(place) ? named : `${mode}:${this.path(place)}`;
  };

  /** Moves a path, and leaves any other name, such as the id of a document. */
  readonly pathOrId = (name: string): string =>
    existsSync(path.resolve(this.#from, name)) ? this.path(name) : name;

  /** Moves a source: a path or glob, also after `result:`. Addresses and jobs are the same everywhere. */
  readonly source = (name: string): string => {
    if (name.startsWith("result:")) return `result:${this.source(name.slice("result:".length))}`;
    if (/^(?:job:|[a-z][a-z0-9+.-]+:\/\/|-$)/i.test(name)) return name;
    const isPattern = isGlob(name) && !existsSync(path.resolve(this.#from, name));
    if (!isPattern || path.isAbsolute(name)) return this.path(name);
    // A directory's own name is no pattern.
    const prefix = this.#prefix.split(path.sep).join("/").replace(GLOB_CHARACTERS, "\\$&");
    return path.posix.join(prefix, name);
  };

  /** Moves the directory of a store that has one. */
  readonly store = (named: string): string => {
    const [name, ...target] = named.split(":");
    const isLocal = STORES.some((store) => store.name === name && store.target === "DIRECTORY");
    const directory = target.join(":");
    return isLocal && directory !== "" && !isObjectAddress(directory)
      ? `${name}:${this.path(directory)}`
      : named;
  };
}
