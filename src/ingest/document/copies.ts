import type { SourceIdentity } from "../../documents/source.js";
import { UNKNOWN_ADVICE, UnsiloedError } from "../../errors.js";
import type { Ledger } from "../../ledger/ledger.js";
import { type ParseKey, parseOf } from "../../ledger/parse-key.js";
import { isOutcomeUnknown, type LedgerRecord } from "../../ledger/record.js";

/** What says that the job of another document is of no use: it made no whole result, or is no longer there. */
const USELESS: ReadonlySet<string> = new Set([
  "JOB_FAILED",
  "JOB_CANCELLED",
  "JOB_NOT_FOUND",
  "JOB_FORBIDDEN",
  "UPLOAD_FAILED",
  "INCOMPLETE_RESULT",
]);

/** Tells whether the parse job of another document failed in a way that only another submission can help. */
export const isUselessJob = ({ code }: { code: string }): boolean => USELESS.has(code);

const parsesOf = ({ contentHash, parseHash, serviceParseHash }: SourceIdentity): ParseKey[] =>
  [...new Set([parseHash, serviceParseHash])].flatMap(
    (hash) => parseOf({ content_hash: contentHash, parse_hash: hash ?? null }) ?? [],
  );

/**
 * The copies of a document: other documents of the ledger with the same bytes and parse options, such as the file
 * under its former name. What one of them paid for serves all.
 */
export class Copies {
  readonly #ledger: Pick<Ledger, "list">;
  readonly #docId: string;
  readonly #identity: SourceIdentity;

  constructor(ledger: Pick<Ledger, "list">, docId: string, identity: SourceIdentity) {
    this.#ledger = ledger;
    this.#docId = docId;
    this.#identity = identity;
  }

  /** The parse that the document shares with its copies; `undefined` where only the service can know the content. */
  get parse(): ParseKey | undefined {
    return this.#identity.jobId === undefined ? parsesOf(this.#identity)[0] : undefined;
  }

  /** Lists the copies. What the service has parsed counts for a stand-in on this machine too. */
  async *all(): AsyncGenerator<LedgerRecord> {
    if (!this.parse) return;
    for (const parse of parsesOf(this.#identity))
      for await (const { docId, record } of this.#ledger.list({ parse }))
        if (record && docId !== this.#docId) yield record;
  }

  /**
   * Finds a copy whose job can be asked for its result.
   *
   * @param tried jobs that are of no use
   */
  async withJob(tried: ReadonlySet<string>): Promise<(LedgerRecord & { job_id: string }) | undefined> {
    for await (const copy of this.all()) {
      const { job_id, state, last_error, parse_hash } = copy;
      if (job_id === null || tried.has(job_id)) continue;
      if (state === "failed" && last_error && isUselessJob(last_error)) continue;
      // A stand-in does not know the jobs of the service.
      if (parse_hash !== this.#identity.serviceParseHash) return { ...copy, job_id };
    }
    return undefined;
  }

  /** Returns the error for a copy that was sent and never answered, since another submission may pay twice. */
  async unknownOutcome(): Promise<UnsiloedError | undefined> {
    for await (const copy of this.all())
      if (isOutcomeUnknown(copy, false))
        return new UnsiloedError(
          "SUBMISSION_UNKNOWN",
          `"${copy.doc_id}" has the same content, and an earlier run that sent it never learned whether it was ` +
            `accepted. ${UNKNOWN_ADVICE}`,
          { source: copy.source },
        );
    return undefined;
  }
}
