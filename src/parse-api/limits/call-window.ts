/**
 * What a request is for: `submit` costs credits, `fetch` gets a result, `status` asks for a status of which nothing is
 * known yet or that the caller wants now, `poll` asks once more for a job that is waited for.
 */
export type RequestKind = "submit" | "fetch" | "status" | "poll";

/** Permission to send one request. Its holder must say when the service has answered, or that it was not sent. */
export interface Permit {
  /** The service answered, or the request failed. Only the first call counts. */
  answered(): void;
  /** The service answered that calls come too fast. @param retryAfterMs how long it asked to wait, if it did */
  tooFast(retryAfterMs?: number): void;
  /** Nothing was sent. */
  unused(): void;
}

/** A place in the window, or the time of the clock before which there is none; infinite when only an answer can tell. */
export type Taken = { permit: Permit } | { notBefore: number };

/**
 * Decides whether one more call may be sent under the limit of a key: calls in any window of time, their pace, and what
 * refusals have shown. Who sends it is for the `RateLimiter` of each process to decide.
 *
 * @throws UnsiloedError from `take`, when the window is kept elsewhere and cannot be reached: then nothing may be sent
 */
export interface CallWindow {
  /** Calls allowed in a window at present, as far as this process knows. */
  readonly limit: number;
  /** Time between the calls of this process at an even pace, in milliseconds. */
  readonly paceMs: number;
  /** Sets a new limit and forgets what refusals showed; the same limit changes nothing. */
  configure(requests: number, windowMs: number): void;
  /** Takes a place for a call of this kind. */
  take(kind: RequestKind): Taken | Promise<Taken>;
  /** Lets nothing through for so long, in milliseconds; the longest pause asked for counts. */
  pause(ms: number): void;
}
