import type { Ora } from "ora";
import type { IngestEvent } from "../ingest/events.js";
import type { Terminal } from "./terminal.js";

const describe = (event: IngestEvent): string | undefined => {
  switch (event.type) {
    case "ready":
      return `store: ${event.store}\nembeddings: ${event.embeddings}`;
    case "source-status": {
      const job = event.status.jobId ? ` (job ${event.status.jobId})` : "";
      return `${event.source}: ${event.status.state}${job}`;
    }
    case "source-parsed":
      return `${event.source}: ${event.segments} segments`;
    case "source-embedding":
      return event.texts > 0 ? `${event.source}: embedding ${event.texts} texts` : undefined;
    case "source-stored":
      return `${event.source}: ${event.upserted} points written, ${event.unchanged} unchanged, ${event.deleted} deleted`;
    case "source-failed":
      return `${event.source}: failed in stage ${event.failure.stage}: ${event.failure.code}: ${event.failure.message}`;
    default:
      return undefined;
  }
};

/** Shows a run: a line that renews itself on a terminal, plain lines where the output is a file or a pipe. */
export class Progress {
  readonly #out: Terminal;
  readonly #total: number;
  readonly #spinner: Ora | undefined;
  /** Jobs that were waited for and have not been read yet, by source. */
  readonly #jobs = new Map<string, string>();
  readonly #counts = { done: 0, segments: 0, points: 0 };

  private constructor(out: Terminal, total: number, spinner: Ora | undefined) {
    this.#out = out;
    this.#total = total;
    this.#spinner = spinner;
  }

  static async start(out: Terminal, total: number): Promise<Progress> {
    // A terminal without a width, as some containers have, would be cleared over and over.
    if (!process.stderr.isTTY || !process.stderr.columns) return new Progress(out, total, undefined);
    const { default: ora } = await import("ora");
    return new Progress(
      out,
      total,
      ora({ stream: process.stderr, text: "starting", discardStdin: false }).start(),
    );
  }

  readonly on = (event: IngestEvent): void => {
    this.#follow(event);
    const line = describe(event);
    if (!this.#spinner) {
      if (line) this.#out.say(line);
      return;
    }
    if (line && (event.type === "ready" || event.type === "source-failed")) {
      this.#spinner.clear();
      this.#out.say(line);
    }
    const { done, segments, points } = this.#counts;
    const state = event.type === "source-status" || event.type === "source-embedding" ? ` · ${line}` : "";
    this.#spinner.text = `${done}/${this.#total} sources · ${segments} segments · ${points} points${state}`;
  };

  #follow(event: IngestEvent): void {
    if (event.type === "source-status" && event.status.jobId)
      this.#jobs.set(event.source, event.status.jobId);
    if (event.type === "source-parsed") {
      this.#jobs.delete(event.source);
      this.#counts.segments += event.segments;
    }
    if (event.type === "source-stored") this.#counts.points += event.upserted + event.unchanged;
    if (event.type === "source-stored" || event.type === "source-failed") this.#counts.done += 1;
  }

  /** Parse jobs that are paid for and not read: what to name to go on with them. */
  get unread(): { source: string; jobId: string }[] {
    return [...this.#jobs].map(([source, jobId]) => ({ source, jobId }));
  }

  stop(): void {
    this.#spinner?.stop();
  }
}
