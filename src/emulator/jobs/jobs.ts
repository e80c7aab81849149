import { messageOf } from "../../errors.js";
import type { EmulatorSettings, JobOutcome, StateList, Submission, SubmittedVia } from "../options.js";
import { fileType } from "./form-fields.js";
import { chooseOutcome, type ReadyOutcome, ResultStore } from "./outcomes.js";
import { stableUuid } from "./renew.js";

/** Final states by their names in lower case. `completed` is what version 1 of the SDK takes too. */
const FINAL: ReadonlyMap<string, ReadyOutcome["state"]> = new Map([
  ["succeeded", "Succeeded"],
  ["completed", "Succeeded"],
  ["failed", "Failed"],
  ["cancelled", "Cancelled"],
]);

const finalOf = (state: string): ReadyOutcome["state"] | undefined => FINAL.get(state.toLowerCase());

/** A job of the emulator, as tests may look at it. */
export interface EmulatedJob extends Submission {
  /** Fields of the request that the API does not document. */
  readonly unknownOptions: readonly string[];
  /** Media type by the extension of the file name. */
  readonly mediaType: string | undefined;
  /** What all times below are of: milliseconds of the emulator's clock. */
  readonly submittedAt: number;
  readonly uploadedAt?: number;
  /** When a GET first found the job in a final state. */
  readonly endedAt?: number;
  /** How many GET requests asked for the job. */
  readonly polls: number;
  /** The state the last GET was told; the first one before any. */
  readonly state: string;
}

export interface Job extends EmulatedJob {
  uploadedAt?: number;
  startedAt?: number;
  endedAt?: number;
  polls: number;
  state: string;
  bytes: number;
  sha256: string;
  states: StateList | undefined;
  /** Replaces the outcome that the job would have had. */
  forced?: { fail: string } | { cancel: true | string };
  outcome?: Promise<ReadyOutcome>;
}

export interface NewJob {
  jobId?: string;
  fileName: string;
  via: SubmittedVia;
  url?: string;
  options: Record<string, unknown>;
  unknownOptions: readonly string[];
  mediaType: string | undefined;
  bytes: number;
  sha256: string;
  states?: StateList | undefined;
  outcome?: JobOutcome | undefined;
}

/** All jobs and what becomes of them. */
export class JobBook {
  readonly #settings: EmulatorSettings;
  readonly #results = new ResultStore();
  readonly #jobs = new Map<string, Job>();
  /** Jobs that came in as requests, each of them paid for. */
  submissions = 0;

  constructor(settings: EmulatorSettings) {
    this.#settings = settings;
  }

  get all(): readonly EmulatedJob[] {
    return [...this.#jobs.values()];
  }

  get creditsLeft(): number {
    return this.#settings.quota - this.submissions * this.#settings.creditsPerJob;
  }

  get active(): number {
    return [...this.#jobs.values()].filter(
      (job) => !finalOf(this.#stateAfter(job, job.polls)) && this.find(job.jobId) !== undefined,
    ).length;
  }

  /** Reads the results that are known beforehand, so that a bad path shows at once. */
  async prepare(): Promise<void> {
    const { results } = this.#settings;
    if (typeof results === "function") return;
    const known =
      typeof results === "object" && "byFileName" in results
        ? [...Object.values(results.byFileName ?? {}), ...(results.default ? [results.default] : [])]
        : [results];
    for (const outcome of known) await this.#results.ready(outcome);
  }

  create(job: NewJob): Job {
    const { seed, clock, states } = this.#settings;
    const { outcome, ...rest } = job;
    const jobId = job.jobId ?? stableUuid(seed, "job", String(this.#jobs.size));
    const made: Job = {
      ...rest,
      jobId,
      submittedAt: clock.now(),
      polls: 0,
      state: this.#nameOf(job.via === "upload" ? "AwaitingUpload" : "Starting"),
      states: job.states,
    };
    made.states ??= typeof states === "function" ? states(made) : states;
    if (job.via !== "added") this.submissions += 1;
    this.#jobs.set(jobId, made);
    if (job.via !== "upload") made.outcome = this.#choose(made, outcome);
    return made;
  }

  /** Makes a job that no request asked for. */
  add(job: { jobId?: string; fileName?: string; outcome?: JobOutcome; states?: StateList }): Job {
    const { fileName = "document.pdf", ...rest } = job;
    const { mediaType } = fileType(fileName);
    return this.create({
      ...rest,
      fileName,
      via: "added",
      options: {},
      unknownOptions: [],
      mediaType,
      bytes: 0,
      sha256: "",
    });
  }

  /** The job of that id; `undefined` when there is none or it has expired. */
  find(jobId: string): Job | undefined {
    const job = this.#jobs.get(jobId);
    if (!job) return undefined;
    // In the newer form, `expires_in` says nothing about the job.
    const asked = this.#settings.dialect === "2026-03" ? job.options["expires_in"] : undefined;
    const seconds = asked ?? this.#settings.expiresIn;
    const expired =
      typeof seconds === "number" && this.#settings.clock.now() >= job.submittedAt + seconds * 1000;
    return expired ? undefined : job;
  }

  uploaded(job: Job, bytes: number, sha256: string): void {
    job.bytes = bytes;
    job.sha256 = sha256;
    job.uploadedAt ??= this.#settings.clock.now();
    job.outcome ??= this.#choose(job);
  }

  /** Takes a job one poll further. @returns how it ended, once it has */
  async poll(job: Job): Promise<ReadyOutcome | undefined> {
    const planned = this.#stateAfter(job, job.polls);
    job.polls += 1;
    // By time a job ends as its outcome says; a list of states says itself how it ends.
    const final = finalOf(planned);
    const outcome = final && (await this.#outcomeOf(job));
    const now = this.#settings.clock.now();
    if (outcome || planned.toLowerCase() === "processing") job.startedAt ??= this.#startOf(job, now);
    if (outcome) job.endedAt ??= now;
    job.state = this.#nameOf(outcome && outcome.state !== final ? outcome.state : planned);
    return outcome;
  }

  #nameOf(state: string): string {
    if (!this.#settings.lowerCaseStates) return state;
    return state === "Succeeded" ? "completed" : state.toLowerCase();
  }

  /** How a job ended, if a GET has said so already. */
  async ended(job: Job): Promise<ReadyOutcome | undefined> {
    return job.endedAt === undefined ? undefined : this.#outcomeOf(job);
  }

  #startOf(job: Job, now: number): number {
    if (job.states) return now;
    const { startingMs, queuedMs } = this.#settings.delays;
    return Math.min(
      now,
      job.uploadedAt === undefined ? job.submittedAt + startingMs + queuedMs : job.uploadedAt + queuedMs,
    );
  }

  #stateAfter(job: Job, polls: number): string {
    if (job.forced) return "fail" in job.forced ? "Failed" : "Cancelled";
    if (job.via === "upload" && job.uploadedAt === undefined) return "AwaitingUpload";
    if (job.states) return job.states[Math.min(polls, job.states.length - 1)] ?? "Succeeded";
    const { startingMs, queuedMs, processingMs } = this.#settings.delays;
    let age = this.#settings.clock.now() - (job.uploadedAt ?? job.submittedAt);
    const stages: [string, number][] = [
      ["Starting", job.uploadedAt === undefined ? startingMs : 0],
      ["Queued", queuedMs],
      ["Processing", processingMs],
    ];
    for (const [state, lasts] of stages) {
      if (age < lasts) return state;
      age -= lasts;
    }
    return "Succeeded";
  }

  async #outcomeOf(job: Job): Promise<ReadyOutcome> {
    if (job.forced) return this.#results.ready(job.forced);
    const planned = job.states?.[Math.min(job.polls - 1, job.states.length - 1)];
    const chosen = await job.outcome;
    const final = planned === undefined ? undefined : finalOf(planned);
    if (final === "Failed" && chosen?.state !== "Failed")
      return { state: "Failed", message: "Failed to process document: File appears to be corrupted" };
    if (final === "Cancelled" && chosen?.state !== "Cancelled") return { state: "Cancelled" };
    return chosen ?? { state: "Failed", message: "no outcome was given" };
  }

  async #choose(job: Job, given?: JobOutcome): Promise<ReadyOutcome> {
    try {
      return await this.#results.ready(given ?? (await chooseOutcome(this.#settings.results, job)));
    } catch (thrown) {
      return { state: "Failed", message: `emulator: no result for ${job.fileName}: ${messageOf(thrown)}` };
    }
  }
}
