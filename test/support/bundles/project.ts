import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { BUILDERS, type Build } from "./builders.js";

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, "../../..");
const PACKAGES = path.join(ROOT, "node_modules");
const RESULT = path.join(ROOT, "examples/data/annual-report.json");

/** What docs/platforms.md tells users to leave out of a bundle. */
export const EXTERNALS = [
  "lmdb",
  "@lancedb/lancedb",
  "apache-arrow",
  "undici",
  "@aws-sdk/client-s3",
  "@aws-sdk/s3-request-presigner",
  "@google-cloud/storage",
  "@azure/storage-blob",
  "@azure/identity",
];

/** What `program.js` prints. */
export interface Outcomes {
  splits: number;
  isSame: boolean;
  threads: number;
  found: unknown;
  request: unknown;
}

/** A project of a user, with the program in `program.js` and the packed package. */
export class Project {
  readonly directory: string;
  readonly #program: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.#program = path.join(directory, "program.js");
  }

  /** Lies in this repository's node_modules, so that it finds the other packages. */
  static async create(tarball: string): Promise<Project> {
    const project = new Project(await mkdtemp(path.join(PACKAGES, ".bundles-")));
    const installed = project.#packageDirectory();
    await mkdir(installed, { recursive: true });
    await run("tar", ["-xzf", tarball, "-C", installed, "--strip-components", "1"]);
    await cp(path.join(import.meta.dirname, "program.js"), project.#program);
    // Without a package.json of its own, it would be part of this repository.
    await writeFile(path.join(project.directory, "package.json"), '{ "type": "module" }');
    return project;
  }

  /** Bundles the program, once for each builder and its externals. @returns the directory of the bundle */
  async bundle(build: Build, external: string[]): Promise<string> {
    const key = `${Object.values(BUILDERS).indexOf(build)}-${external.length}`;
    const directory = path.join(this.directory, `out-${key}`);
    if (!existsSync(directory)) await build(this.#program, directory, external);
    return directory;
  }

  /**
   * Runs a bundle in another directory, with some packages installed there.
   *
   * @param service address of a parse service
   */
  async run(bundle: string, installed: readonly string[], service: string): Promise<Outcomes> {
    const place = await mkdtemp(path.join(tmpdir(), "unsiloed-bundle-"));
    try {
      await cp(bundle, place, { recursive: true });
      for (const name of installed) {
        const link = path.join(place, "node_modules", name);
        await mkdir(path.dirname(link), { recursive: true });
        await symlink(
          name === "unsiloed-ingest" ? this.#packageDirectory() : path.join(PACKAGES, name),
          link,
          "junction",
        );
      }
      const program = (await readdir(place)).find((name) => name.startsWith("program.")) ?? "";
      const { stdout } = await run(process.execPath, [program, RESULT, path.join(place, "db"), service], {
        cwd: place,
      });
      return JSON.parse(stdout);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }

  #packageDirectory(): string {
    return path.join(this.directory, "node_modules/unsiloed-ingest");
  }
}
