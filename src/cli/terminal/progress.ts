import type { Ora } from "ora";
import type { IngestEvent } from "../../ingest/run/events.js";
import type { Terminal } from "./terminal.js";
import { counted } from "./wording.js";

const describe = (event: IngestEvent): string | undefined => {
  switch (event.type) {
    case "ready":
      return `store: ${event.store}\nembeddings: ${event.embeddings}`;
    case "source-status": {
      const job = event.status.jobId ? ` (job ${event.status.jobId})` : "";
      return `${event.source}: ${event.status.state}${job}`;
    }
    case "source-parsed":
      return `${event.source}: ${counted(event.segments, "segment")}`;
    case "source-unchanged":
      return `${event.source}: unchanged, ${counted(event.points, "point")}`;
    case "source-claimed-elsewhere":
      return `${event.source}: claimed by another run; waiting for that run`;
    case "source-embedding":
      return event.texts > 0 ? `${event.source}: embedding ${counted(event.texts, "text")}` : undefined;
    case "source-stored":
      return `${event.source}: ${counted(event.upserted, "point")} written, ${event.unchanged} unchanged, ${event.deleted} deleted`;
    case "source-failed":
      return `${event.source}: failed in stage ${event.failure.stage}: ${event.failure.code}: ${event.failure.message}`;
    default:
      return undefined;
  }
};

const LAST_EVENTS: ReadonlySet<IngestEvent["type"]> = new Set<IngestEvent["type"]>([
  "source-stored",
  "source-unchanged",
  "source-failed",
]);

/** Shows the progress of a run: one changing line on a terminal, a line for each event in a file or a pipe. */
export class Progress {
  readonly #out: Terminal;
  readonly #total: number;
  readonly #spinner: Ora | undefined;
  readonly #sums = { done: 0, segments: 0, points: 0 };

  private constructor(out: Terminal, total: number, spinner: Ora | undefined) {
    this.#out = out;
    this.#total = total;
    this.#spinner = spinner;
  }

  static async start(out: Terminal, total: number): Promise<Progress> {
    // ora would clear a terminal without a width, as some containers have, again and again.
    if (!process.stderr.isTTY || !process.stderr.columns) return new Progress(out, total, undefined);
    const { default: ora } = await import("ora");
    return new Progress(
      out,
      total,
      ora({ stream: process.stderr, text: "starting", discardStdin: false }).start(),
    );
  }

  readonly on = (event: IngestEvent): void => {
    this.#count(event);
    const line = describe(event);
    if (!this.#spinner) {
      if (line) this.#out.say(line);
      return;
    }
    if (line && (event.type === "ready" || event.type === "source-failed")) {
      this.#spinner.clear();
      this.#out.say(line);
    }
    const { done, segments, points } = this.#sums;
    const state = event.type === "source-status" || event.type === "source-embedding" ? ` · ${line}` : "";
    this.#spinner.text = `${done}/${counted(this.#total, "source")} · ${counted(segments, "segment")} · ${counted(points, "point")}${state}`;
  };

  #count(event: IngestEvent): void {
    if (event.type === "source-parsed") this.#sums.segments += event.segments;
    if (event.type === "source-unchanged") this.#sums.points += event.points;
    if (event.type === "source-stored") this.#sums.points += event.upserted + event.unchanged;
    if (LAST_EVENTS.has(event.type)) this.#sums.done += 1;
  }

  stop(): void {
    this.#spinner?.stop();
  }
}
