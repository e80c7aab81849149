/** What can go wrong on the way to a server or in it. */
export type Fault =
  /** Answers with this status and changes nothing. */
  | { kind: "status"; status: number; message?: string; retryAfter?: string; plain?: boolean }
  /** Breaks the connection before anything is applied, or after everything is. */
  | { kind: "reset"; applied: boolean }
  /** Never answers. */
  | { kind: "hang" }
  /** Sends half of the answer and breaks the connection; everything is applied. */
  | { kind: "cut" }
  /** Answers 200 with the status `wait_timeout`. */
  | { kind: "wait_timeout"; applied: boolean }
  /** Redirects the client. */
  | { kind: "redirect"; to: string };

export interface FaultRule {
  fault: Fault;
  /** Which requests: `PUT /collections/c/points` or a part of it. @default all */
  on?: string;
  /** How many times. @default 1 */
  times?: number;
  /** How many matching requests pass before it applies. @default 0 */
  after?: number;
}

export class Faults {
  #rules: { rule: FaultRule; left: number; passing: number }[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.times ?? 1, passing: rule.after ?? 0 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** Returns the fault for a request, if any, and counts it against the first matching rule. */
  next(request: string): Fault | undefined {
    const fitting = this.#rules.filter(({ rule, left }) => left > 0 && request.includes(rule.on ?? ""));
    const hit = fitting.find(({ passing }) => passing === 0);
    if (hit) hit.left--;
    for (const rule of fitting) if (rule.passing > 0) rule.passing--;
    return hit?.rule.fault;
  }
}
