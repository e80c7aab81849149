import type { IngestEvent } from "../../ingest/run/events.js";
import { failureKey, messageWithoutName } from "./failures.js";
import type { Terminal } from "./terminal.js";
import { counted, withOptionNames } from "./wording.js";

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
    case "source-parsed-elsewhere":
      return `${event.source}: another document with the same content is being parsed; waiting for its result`;
    case "source-reused":
      return `${event.source}: same content as ${event.from}, whose ${event.what === "job" ? "parse job" : "kept result"} is used; nothing is submitted`;
    case "source-submitted-again":
      return `${event.source}: job ${event.expired} has expired and no result of it is kept; submitted and paid for again`;
    case "source-embedding":
      return event.texts > 0 ? `${event.source}: embedding ${counted(event.texts, "text")}` : undefined;
    case "source-stored":
      return `${event.source}: ${counted(event.upserted, "point")} written, ${event.unchanged} unchanged, ${event.deleted} deleted`;
    case "source-left-out":
      return `${event.source}: ${event.message}`;
    case "source-failed":
      return `${event.source}: failed in stage ${event.failure.stage}: ${event.failure.code}: ${messageWithoutName(event.failure)}`;
    default:
      return undefined;
  }
};

/** What is done for a source at present. */
type Phase = "waiting" | "parsing" | "embedding";

const PHASES: Partial<Record<IngestEvent["type"], Phase>> = {
  "source-claimed-elsewhere": "waiting",
  "source-parsed-elsewhere": "waiting",
  "source-status": "parsing",
  "source-parsed": "embedding",
};

/** Events that a terminal keeps above its changing line. */
const KEPT: ReadonlySet<IngestEvent["type"]> = new Set<IngestEvent["type"]>([
  "ready",
  "source-claimed-elsewhere",
  "source-failed",
  "source-left-out",
  "source-submitted-again",
]);

/** How long a log without a changing line may be silent: some services of continuous integration end silent jobs. */
const SILENCE_MS = 60_000;

/** Writes a duration as minutes and seconds, from an hour on with hours: `0:42`, `1:02:03`. */
export const elapsed = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
};

/** Shows the progress of a run: one changing line on a terminal, a line for each event in a file or a pipe. */
export class Progress {
  readonly #out: Terminal;
  readonly #total: number | undefined;
  readonly #begun = Date.now();
  readonly #phases = new Map<string, Phase>();
  readonly #ended = { done: 0, failed: 0 };
  /** Failures that were shown; equal ones of other sources are counted, and named in the report. */
  readonly #reported = new Set<string>();
  readonly #sums = { segments: 0, points: 0, credits: 0 };
  readonly #heartbeat: NodeJS.Timeout | undefined;

  /** @param total how many sources there are, unless they are a stream */
  constructor(out: Terminal, total: number | undefined) {
    this.#out = out;
    this.#total = total;
    out.status(() => this.#parts());
    if (out.log === "lines")
      this.#heartbeat = setInterval(() => out.say(this.#parts().join(", ")), SILENCE_MS).unref();
  }

  readonly on = (told: IngestEvent): void => {
    const event =
      told.type === "source-left-out" ? { ...told, message: withOptionNames(told.message) } : told;
    this.#count(event);
    this.#out.event(event);
    if (this.#out.log === "json") return;
    const line = describe(event);
    if (line === undefined || (this.#out.log === "live" && !KEPT.has(event.type))) return;
    if (event.type === "source-failed") {
      const key = failureKey(event.failure);
      if (!this.#reported.has(key)) this.#out.warn(line);
      this.#reported.add(key);
    } else this.#out.say(line);
    this.#heartbeat?.refresh();
  };

  #count(event: IngestEvent): void {
    if (event.type === "ready") return;
    const phase = PHASES[event.type];
    if (phase) this.#phases.set(event.doc_id, phase);
    if (event.type === "source-ended") {
      this.#phases.delete(event.doc_id);
      if (event.outcome !== "unfinished" || event.code === "CREDIT_LIMIT") this.#ended.done += 1;
      if (event.outcome === "failed") this.#ended.failed += 1;
    }
    if (event.type === "source-parsed") {
      this.#sums.segments += event.segments;
      this.#sums.credits += event.credits ?? 0;
    }
    if (event.type === "source-unchanged") this.#sums.points += event.points;
    if (event.type === "source-stored") this.#sums.points += event.upserted + event.unchanged;
  }

  /** The parts of the line, the most important first: a narrow terminal shows only those. */
  #parts(): string[] {
    const { segments, points, credits } = this.#sums;
    const counts = new Map<Phase, number>();
    for (const phase of this.#phases.values()) counts.set(phase, (counts.get(phase) ?? 0) + 1);
    const part = (count: number, name: string) => (count > 0 ? [`${count} ${name}`] : []);
    return [
      this.#total === undefined
        ? counted(this.#ended.done, "source")
        : `${this.#ended.done}/${counted(this.#total, "source")}`,
      elapsed(Date.now() - this.#begun),
      ...part(this.#ended.failed, "failed"),
      ...part(counts.get("parsing") ?? 0, "parsing"),
      ...part(counts.get("embedding") ?? 0, "embedding"),
      ...part(counts.get("waiting") ?? 0, "waiting"),
      ...(credits > 0 ? [counted(credits, "credit")] : []),
      counted(segments, "segment"),
      counted(points, "point"),
    ];
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    this.#out.status();
  }
}
