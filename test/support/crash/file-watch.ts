import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import path from "node:path";
import type { Moment } from "./activity.js";

const isDirectory = (name: string): boolean => {
  try {
    return statSync(name).isDirectory();
  } catch {
    // The file is already gone, like temporary files.
    return false;
  }
};

/**
 * Reports every change below a directory, also in directories that are created later. Node's own recursive watching
 * opens a watcher for each file on Linux, and misses short-lived files.
 */
export class FileWatch {
  readonly #root: string;
  readonly #onChange: (file: string) => void;
  readonly #watchers = new Map<string, FSWatcher>();

  /** @param onChange is given the path below `root`, with `/` between the names */
  constructor(root: string, onChange: (file: string) => void) {
    this.#root = root;
    this.#onChange = onChange;
    this.#watch(root);
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(directory: string): void {
    if (this.#watchers.has(directory)) return;
    try {
      const watcher = watch(directory, (_event, name) => {
        if (name === null) return;
        const file = path.join(directory, name);
        if (!this.#watchers.has(file) && isDirectory(file)) this.#watch(file);
        this.#onChange(path.relative(this.#root, file).split(path.sep).join("/"));
      });
      watcher.on("error", () => this.#drop(directory));
      this.#watchers.set(directory, watcher);
      for (const entry of readdirSync(directory, { withFileTypes: true }))
        if (entry.isDirectory()) this.#watch(path.join(directory, entry.name));
    } catch {
      // The directory was removed just after it was created.
      this.#drop(directory);
    }
  }

  #drop(directory: string): void {
    this.#watchers.get(directory)?.close();
    this.#watchers.delete(directory);
  }
}

const FILES: [RegExp, Moment][] = [
  [/^\.unsiloed\/results\/.*\.tmp$/, "result file"],
  [/^\.unsiloed\/embeddings\/data\.mdb$/, "vector cache"],
  [/^\.unsiloed\/ledger\/data\.mdb$/, "ledger"],
  [/^store\//, "store file"],
];

/** Returns what the command is writing when a file below its working directory changes. */
export const momentOfFile = (file: string): Moment | undefined =>
  FILES.find(([pattern]) => pattern.test(file))?.[1];
