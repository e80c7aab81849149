import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Emulator } from "../../../src/emulator/emulator.js";
import type { EmulatorOptions } from "../../../src/emulator/options.js";
import { startEmulator } from "../../../src/emulator/server.js";
import { OpenAIServer } from "../openai/server.js";
import { smallResult } from "../parse-service.js";
import { type CliOptions, type CliRun, runCli, runHosted } from "./run-cli.js";

const KEY = "key-that-must-not-leak";

/** Options for runs that do not wait between polls. */
export const FAST = ["--poll-interval", "20", "--rate-limit", "100000"];

/** A directory with documents, and the services that the command needs for them. */
export class Workspace {
  readonly cwd: string;
  readonly openai: OpenAIServer;
  emulator: Emulator;
  /** Whether each command has a process of its own. */
  ownProcesses = false;

  private constructor(cwd: string, openai: OpenAIServer, emulator: Emulator) {
    this.cwd = cwd;
    this.openai = openai;
    this.emulator = emulator;
  }

  /** @param files paths below the directory; the content of each is its path */
  static async open(
    options: Partial<EmulatorOptions> = {},
    files: readonly string[] = [],
  ): Promise<Workspace> {
    const cwd = await mkdtemp(path.join(tmpdir(), "unsiloed-command-"));
    const [openai, emulator] = await Promise.all([
      OpenAIServer.start({ dimensions: 16 }),
      startService(options),
    ]);
    const workspace = new Workspace(cwd, openai, emulator);
    for (const file of files) await workspace.write(file);
    return workspace;
  }

  get env(): Record<string, string> {
    return {
      UNSILOED_API_KEY: KEY,
      UNSILOED_BASE_URL: this.emulator.url,
      OPENAI_API_KEY: "sk-x",
      OPENAI_BASE_URL: this.openai.baseURL,
    };
  }

  path(name: string): string {
    return path.join(this.cwd, name);
  }

  async write(file: string, words = file): Promise<void> {
    await mkdir(path.dirname(this.path(file)), { recursive: true });
    await writeFile(this.path(file), `%PDF-1.7 ${words}`);
  }

  /** Replaces the service by a new one, which has no jobs. */
  async restart(options: Partial<EmulatorOptions> = {}): Promise<void> {
    await this.emulator.close();
    this.emulator = await startService(options);
  }

  /** Runs the command; what it says while it runs is heard only from a process of its own. */
  cli(args: string[], options: Partial<CliOptions> = {}): Promise<CliRun> {
    const all = { cwd: this.cwd, env: this.env, ...options };
    return this.ownProcesses || options.onStderr ? runCli(args, all) : runHosted(args, all);
  }

  /** Runs the command with `--json`. @returns what it prints, and its exit code */
  async json(...args: string[]) {
    return this.jsonFrom(this.cwd, ...args);
  }

  async jsonFrom(cwd: string, ...args: string[]) {
    const { code, stdout, stderr } = await this.cli([...args, "--json"], { cwd });
    if (stdout === "") throw new Error(`nothing on stdout: ${stderr}`);
    return { code, stderr, ...JSON.parse(stdout) };
  }

  async close(): Promise<void> {
    await Promise.all([this.emulator.close(), this.openai.close()]);
    await rm(this.cwd, { recursive: true, force: true });
  }
}

const startService = (options: Partial<EmulatorOptions>): Promise<Emulator> =>
  startEmulator({ results: smallResult(2, 3), apiKey: KEY, ...options });
