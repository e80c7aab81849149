import { z } from "zod";
import { jobDocId } from "../src/documents/identity.js";
import { UnsiloedError } from "../src/errors.js";
import { parseOptions } from "../src/internal/options.js";
import type { UnsiloedClient } from "../src/parse-api/client.js";
import { UnsiloedLoader } from "./base-loader.js";
import { type ClientLoaderOptions, clientLoaderShape, clientOf } from "./client-loader-options.js";
import { readJobResult, waitForJob } from "./job-result.js";
import { docIdChooser, titleChooser } from "./name-sources.js";
import { ParsedSource } from "./parsed-source.js";

export const jobLoaderOptionsSchema = z.strictObject(clientLoaderShape);

/** Options of {@link UnsiloedJobLoader}. */
export interface UnsiloedJobLoaderOptions extends ClientLoaderOptions {}

/**
 * Loads the results of parse jobs by their ids, waiting for those that have not ended. Loading again costs no
 * credits; jobs and their results expire, by default when the account's plan says.
 *
 * @throws UnsiloedError `API_KEY_MISSING`, `INVALID_OPTION`; when loading `JOB_FAILED`, `JOB_CANCELLED`,
 *   `JOB_TIMEOUT`, `JOB_NOT_FOUND`, `INVALID_RESULT`, `UNAUTHORIZED` …, with the job in `context.jobId`
 * @example
 * ```ts
 * const loader = new UnsiloedJobLoader(["04a7a6d8-5ef7-465a-b22a-8a98e7104dd9"], { onError: "skip" });
 * for await (const document of loader.lazyLoad()) console.log(document.metadata.page_number);
 * console.log(loader.failures);
 * ```
 */
export class UnsiloedJobLoader extends UnsiloedLoader {
  readonly #ids: readonly string[];
  readonly #client: UnsiloedClient;
  readonly #settings: z.output<typeof jobLoaderOptionsSchema>;

  constructor(ids: string | readonly string[], options: UnsiloedJobLoaderOptions = {}) {
    const settings = parseOptions(jobLoaderOptionsSchema, options, "UnsiloedJobLoader");
    super(settings);
    const given = typeof ids === "string" ? [ids] : ids;
    if (given.some((id) => typeof id !== "string" || id.trim() === ""))
      throw new UnsiloedError(
        "INVALID_OPTION",
        "UnsiloedJobLoader: expected the id of a job, or a list of ids",
      );
    this.#settings = settings;
    this.#ids = [...new Set(given.map((id) => id.trim()))];
    this.#client = clientOf(settings.client, options, "UnsiloedJobLoader");
  }

  protected override async list(): Promise<ParsedSource[]> {
    const settings = this.#settings;
    const choose = docIdChooser(settings.docId, this.#ids.length);
    const titleOf = titleChooser(settings.title, this.#ids.length);
    return this.#ids.map((jobId) => {
      const source = jobDocId(jobId);
      return new ParsedSource({
        source,
        docId: choose(source, () => source),
        title: titleOf(source),
        images: settings.images !== false,
        words: settings.words,
        identify: async () => ({ contentHash: null, parseHash: null, jobId }),
        origin: {
          finishJob: (options) => waitForJob(this.#client, jobId, settings.wait, options),
          readResult: (job, options) => readJobResult(this.#client, job, settings, options),
        },
      });
    });
  }
}
