import { existsSync } from "node:fs";
import path from "node:path";
import { escapePath, isDynamicPattern } from "tinyglobby";
import { STORES } from "../setup/registry.js";

// What the user typed in one directory, as it is written in another.

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

  /** Moves a path, and leaves any other name, such as the id of a document. */
  readonly pathOrId = (name: string): string =>
    existsSync(path.resolve(this.#from, name)) ? this.path(name) : name;

  /** Moves a source: a path or glob, also after `result:`. Addresses and jobs are the same everywhere. */
  readonly source = (name: string): string => {
    if (name.startsWith("result:")) return `result:${this.source(name.slice("result:".length))}`;
    if (/^(?:job:|[a-z][a-z0-9+.-]+:\/\/|-$)/i.test(name)) return name;
    const isGlob = !existsSync(path.resolve(this.#from, name)) && isDynamicPattern(name);
    if (!isGlob || path.isAbsolute(name)) return this.path(name);
    // A directory's own name is no pattern.
    return path.posix.join(escapePath(this.#prefix.split(path.sep).join("/")), name);
  };

  /** Moves the directory of a store that has one. */
  readonly store = (named: string): string => {
    const [name, ...target] = named.split(":");
    const isLocal = STORES.some((store) => store.name === name && store.target === "DIRECTORY");
    return isLocal && target.length > 0 ? `${name}:${this.path(target.join(":"))}` : named;
  };
}
