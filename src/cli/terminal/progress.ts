import type { Ora } from "ora";
import type { IngestEvent } from "../../ingest/run/events.js";
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
    case "source-unchanged":
      return `${event.source}: unchanged, ${event.points} points`;
    case "source-held":
      return `${event.source}: another run works on it; waiting for that`;
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

const ENDS: ReadonlySet<IngestEvent["type"]> = new Set<IngestEvent["type"]>([
  "source-stored",
  "source-unchanged",
  "source-failed",
]);

/** Shows a run: a line that renews itself on a terminal, plain lines where the output is a file or a pipe. */
export class Progress {
  readonly #out: Terminal;
  readonly #total: number;
  readonly #spinner: Ora | undefined;
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
    if (event.type === "source-parsed") this.#counts.segments += event.segments;
    if (event.type === "source-unchanged") this.#counts.points += event.points;
    if (event.type === "source-stored") this.#counts.points += event.upserted + event.unchanged;
    if (ENDS.has(event.type)) this.#counts.done += 1;
  }

  stop(): void {
    this.#spinner?.stop();
  }
}
