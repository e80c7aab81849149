import { stat } from "node:fs/promises";
import type { JobOutcome, OutcomeFunction, OutcomesByFileName, Submission } from "../options.js";
import { type PreparedResult, prepareFile, prepareObject } from "./saved-result.js";

/** An outcome that can be answered with at once. */
export type ReadyOutcome =
  | { state: "Succeeded"; result: PreparedResult }
  | { state: "Failed"; message: string }
  | { state: "Cancelled"; message?: string };

const isByFileName = (results: JobOutcome | OutcomesByFileName): results is OutcomesByFileName =>
  typeof results === "object" && "byFileName" in results && typeof results.byFileName === "object";

const isOnly = (value: object, key: string): boolean => Object.keys(value).join() === key;

/** What a job comes to, by the `results` option. */
export const chooseOutcome = async (
  results: JobOutcome | OutcomesByFileName | OutcomeFunction,
  submission: Submission,
): Promise<JobOutcome> => {
  if (typeof results === "function") return results(submission);
  if (!isByFileName(results)) return results;
  const { byFileName } = results;
  const name = [submission.url, submission.fileName].find(
    (key) => key !== undefined && Object.hasOwn(byFileName, key),
  );
  return (
    (name === undefined ? undefined : byFileName[name]) ??
    results.default ?? { fail: `Failed to process document: no result is set for ${submission.fileName}` }
  );
};

/** Names a file as it is now, so that a result saved again is read again. */
const versionOf = async (path: string): Promise<string> => {
  const found = await stat(path).catch(() => undefined);
  return JSON.stringify([path, found?.mtimeMs, found?.size]);
};

/** Results made ready to be sent, each once: objects are serialised, files are looked through. */
export class ResultStore {
  readonly #files = new Map<string, Promise<PreparedResult>>();
  readonly #objects = new WeakMap<object, PreparedResult>();

  async ready(outcome: JobOutcome): Promise<ReadyOutcome> {
    if (typeof outcome === "string") {
      const version = await versionOf(outcome);
      const known = this.#files.get(version) ?? prepareFile(outcome);
      this.#files.set(version, known);
      return { state: "Succeeded", result: await known };
    }
    if (isOnly(outcome, "fail") && "fail" in outcome && typeof outcome.fail === "string")
      return { state: "Failed", message: outcome.fail };
    if (isOnly(outcome, "cancel") && "cancel" in outcome)
      return typeof outcome.cancel === "string"
        ? { state: "Cancelled", message: outcome.cancel }
        : { state: "Cancelled" };
    const known = this.#objects.get(outcome) ?? prepareObject(outcome);
    this.#objects.set(outcome, known);
    return { state: "Succeeded", result: known };
  }
}
