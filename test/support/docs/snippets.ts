import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./generated.js";

const run = promisify(execFile);

/** Returns the TypeScript blocks of a page. */
export const typescriptIn = (page: string): string[] =>
  [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);

/**
 * Packages that a reader has after `npm install unsiloed-ingest @langchain/core` and the installs that examples
 * name.
 */
const INSTALLED = ["@langchain/core", "@langchain/openai", "@langchain/qdrant", "langchain", "@types/node"];

const COMPILER_OPTIONS = {
  target: "es2023",
  lib: ["es2023"],
  module: "nodenext",
  types: ["node"],
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  moduleDetection: "force",
};

/** A directory like that of a user's project, with this package installed and with the sample data. */
export class ReaderProject {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<ReaderProject> {
    const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-docs-"));
    for (const name of INSTALLED) {
      const link = path.join(directory, "node_modules", name);
      await mkdir(path.dirname(link), { recursive: true });
      await symlink(path.join(ROOT, "node_modules", name), link, "junction");
    }
    await symlink(ROOT, path.join(directory, "node_modules/unsiloed-ingest"), "junction");
    await symlink(path.join(ROOT, "examples"), path.join(directory, "examples"), "junction");
    await writeFile(path.join(directory, "package.json"), '{ "type": "module" }');
    const config = JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ["*.ts", "*.mts"] });
    await writeFile(path.join(directory, "tsconfig.json"), config);
    return new ReaderProject(directory);
  }

  async write(name: string, code: string): Promise<void> {
    const file = path.join(this.directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, code);
  }

  /** Takes away the sample data, which only a clone has in this place. */
  withoutExamples(): Promise<void> {
    return rm(path.join(this.directory, "examples"));
  }

  /** Type-checks every file. @returns what the compiler prints, which is nothing when there is no error */
  async typeErrors(): Promise<string> {
    const compiler = path.join(ROOT, "node_modules/.bin/tsc");
    try {
      await run(compiler, ["-p", this.directory]);
      return "";
    } catch (thrown) {
      if (thrown instanceof Error && "stdout" in thrown) return String(thrown.stdout) || thrown.message;
      throw thrown;
    }
  }

  /** Runs a file. @returns what it prints */
  run(name: string, env: Record<string, string> = {}): Promise<string> {
    return this.#node(["--import", import.meta.resolve("tsx"), name], env);
  }

  /** Runs the command of this package. @returns what it prints */
  command(...words: string[]): Promise<string> {
    return this.#node(["node_modules/unsiloed-ingest/dist/src/cli/main.js", ...words]);
  }

  /** Runs Node in the project, without any key but the given ones. */
  async #node(words: string[], env: Record<string, string> = {}): Promise<string> {
    const { stdout } = await run(process.execPath, words, {
      cwd: this.directory,
      env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...env },
    });
    return stdout;
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}
