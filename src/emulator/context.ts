import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ActiveFault, FaultInfo } from "./fault-rules.js";
import type { FaultBook } from "./faults.js";
import type { Answer } from "./http/answer.js";
import type { JobBook } from "./jobs/jobs.js";
import type { EmulatorSettings } from "./options.js";
import type { RecordedRequest } from "./record.js";

/** A sliding window: at most so many requests of a key in any stretch of `windowMs`. */
export class RateWindow {
  readonly #requests: number;
  readonly #windowMs: number;
  readonly #times = new Map<string, number[]>();

  constructor(requests: number, windowMs: number) {
    this.#requests = requests;
    this.#windowMs = windowMs;
  }

  /** Counts a request. @returns 0 when it may pass, else the milliseconds until one may; refused ones do not count */
  take(key: string, now: number): number {
    const recent = (this.#times.get(key) ?? []).filter((time) => time > now - this.#windowMs);
    this.#times.set(key, recent);
    const [oldest] = recent;
    if (recent.length >= this.#requests && oldest !== undefined) return oldest + this.#windowMs - now;
    recent.push(now);
    return 0;
  }
}

/** What every route works with. */
export interface EmulatorContext {
  settings: EmulatorSettings;
  jobs: JobBook;
  faults: FaultBook;
  rate: RateWindow | undefined;
  /** Makes a URL on the second server that works for so many seconds. @param seconds as `urlsExpireIn` says */
  signedUrl(path: string, seconds?: number): string;
  /** The signature of such a URL, given when it expires. */
  signatureOf(path: string, expires: number): { signature: string; expires: number };
}

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  socket: Socket;
  url: URL;
  record: RecordedRequest;
  signal: AbortSignal;
}

/** What a route found: what the request is for, and how to carry it out unless a fault comes first. */
export interface Route {
  info: FaultInfo;
  run(fault: ActiveFault | undefined): Promise<Answer> | Answer;
}
