import { RateWindow } from "../../src/emulator/context.js";
import type { Clock } from "../../src/internal/async/clock.js";
import type { Draw, Paper } from "./workloads.js";

/** How long a request or an answer travels, drawn evenly, so that requests arrive out of order. */
const LATENCY_MS = { least: 30, most: 300 };

export interface ServiceOptions {
  clock: Clock;
  /** Source of the latencies. */
  random: Draw;
  papers: readonly Paper[];
  rateLimit: { requests: number; windowMs: number };
  /** How many jobs run at once. */
  atOnce: number;
}

interface Job {
  createdAt: number;
  endsAt: number;
}

const json = (body: unknown): Response => Response.json(body);

/**
 * Simulates a parse API. It limits all calls by the sliding window of the emulator, and counts a request when it
 * arrives, not when it was sent, so that a client which sends a moment too early gets a 429.
 */
export class SimulatedService {
  readonly #options: ServiceOptions;
  readonly #window: RateWindow;
  readonly #jobs = new Map<string, Job>();
  /** When each worker is free. */
  readonly #places: number[];
  requests = 0;
  refused = 0;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#window = new RateWindow(options.rateLimit.requests, options.rateLimit.windowMs);
    this.#places = Array.from({ length: Math.min(options.atOnce, options.papers.length) }, () => 0);
  }

  /** Starts the job of a document, by the number of the document. @returns its id */
  add(number: number): string {
    const jobId = `job-${number}`;
    const createdAt = this.#options.clock.now();
    const free = this.#places.indexOf(Math.min(...this.#places));
    const startsAt = Math.max(createdAt, this.#places[free] ?? createdAt);
    const endsAt = startsAt + (this.#options.papers[number]?.durationMs ?? 0);
    this.#places[free] = endsAt;
    this.#jobs.set(jobId, { createdAt, endsAt });
    return jobId;
  }

  /** Returns when a job ends; only for the oracle. */
  endOf(jobId: string): number {
    return this.#jobs.get(jobId)?.endsAt ?? Number.POSITIVE_INFINITY;
  }

  /** Answers as the API does, in place of the network. */
  readonly fetch: typeof fetch = async (address, init) => {
    await this.#travel();
    this.requests++;
    const { clock } = this.#options;
    const waitMs = this.#window.take("key", clock.now());
    if (waitMs > 0) this.refused++;
    const response =
      waitMs > 0
        ? new Response("Rate limit exceeded", { status: 429 })
        : this.#answer(new URL(String(address)), init?.body);
    await this.#travel();
    return response;
  };

  #travel(): Promise<void> {
    const { clock, random } = this.#options;
    return clock.delay(Math.round(LATENCY_MS.least + random() * (LATENCY_MS.most - LATENCY_MS.least)));
  }

  #answer(url: URL, body: unknown): Response {
    if (body instanceof FormData) {
      const number = Number(/(\d+)\.pdf$/.exec(String(body.get("url")))?.[1]);
      const pages = this.#options.papers[number]?.pages;
      return json({ job_id: this.add(number), status: "Starting", credit_used: pages });
    }
    const jobId = url.pathname.split("/").at(-1) ?? "";
    const job = this.#jobs.get(jobId);
    if (!job) return new Response(`Job ${jobId} not found`, { status: 404 });
    const ended = this.#options.clock.now() >= job.endsAt;
    const status = ended ? "Succeeded" : "Processing";
    const created_at = new Date(job.createdAt).toISOString();
    const wantsResult = url.searchParams.get("include_chunks") !== "false";
    return json({ job_id: jobId, status, created_at, ...(ended && wantsResult && { chunks: [] }) });
  }
}
