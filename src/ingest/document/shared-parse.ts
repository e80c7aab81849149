import type { ParsedResult } from "../../documents/result.js";
import type { UnsiloedError } from "../../errors.js";
import { claimLost } from "../../ledger/claims.js";
import { parseClaimId } from "../../ledger/parse-key.js";
import type { ReadKeptOptions, ResultArchive } from "../../ledger/result-archive.js";
import { Copies } from "./copies.js";
import type { DocumentRun } from "./document-run.js";

/** Finds what copies of a document have paid for, and sees to it that only one of them is submitted at a time. */
export class SharedParse {
  /** Jobs that were asked for the result in vain. */
  readonly useless = new Set<string>();
  readonly #run: DocumentRun;
  readonly #refusal: UnsiloedError | undefined;
  /** None without a ledger. */
  readonly #copies: Copies | undefined;

  /** @param refusal why the document itself may not be submitted */
  constructor(run: DocumentRun, refusal: UnsiloedError | undefined) {
    const { source, identity, context } = run;
    const { ledger } = context;
    this.#run = run;
    this.#refusal = refusal;
    this.#copies = ledger && identity && new Copies(ledger, source.docId, identity);
  }

  /** Reads the kept result of a copy, and keeps it for this document too, which may outlive the copy. */
  async readKept(archive: ResultArchive, need: ReadKeptOptions): Promise<ParsedResult | undefined> {
    const run = this.#run;
    for await (const { doc_id, content_hash, parse_hash, job_id } of this.#copies?.all() ?? []) {
      const parse = { contentHash: content_hash, parseHash: parse_hash };
      const result = await archive.read({ docId: doc_id, ...parse }, need);
      if (!result || !run.identity) continue;
      run.identity = { ...run.identity, parseHash: parse_hash };
      run.reuse({ docId: doc_id, what: "result", jobId: result.info.jobId ?? job_id });
      return archive.keep({ docId: run.source.docId, ...parse }, result, need);
    }
    return undefined;
  }

  /**
   * Finds the job of a copy before the document is submitted. Where there is none, claims the parse, so that copies
   * wait for its outcome.
   *
   * @throws UnsiloedError `CLAIM_LOST` while the parse is claimed for a copy; `SUBMISSION_UNKNOWN` or `PII_BLOCKED`
   *   where nothing may be submitted
   */
  async findJob(): Promise<string | undefined> {
    const run = this.#run;
    const { ledger, resubmitUnknown } = run.context;
    const parse = this.#copies?.parse;
    if (!ledger || !this.#copies || !parse) {
      if (this.#refusal) throw this.#refusal;
      return undefined;
    }
    const claimId = parseClaimId(parse);
    if (!run.parseClaim && (await ledger.isClaimed(claimId))) return this.#waitFor(claimId);
    const jobId = await this.#takeJob(this.#copies);
    if (jobId !== undefined) return jobId;
    if (this.#refusal) throw this.#refusal;
    if (!run.parseClaim) {
      run.parseClaim = await ledger.claimParse(parse);
      if (!run.parseClaim) return this.#waitFor(claimId);
      // Another run may have submitted a copy before this one claimed the parse.
      const later = await this.#takeJob(this.#copies);
      if (later !== undefined) return later;
    }
    const unknown = resubmitUnknown ? undefined : await this.#copies.unknownOutcome();
    if (unknown) throw unknown;
    return undefined;
  }

  /** Takes over the job of a copy, and writes it down at once, so that it is not lost when the copy is forgotten. */
  async #takeJob(copies: Copies): Promise<string | undefined> {
    const copy = await copies.withJob(this.useless);
    if (!copy) return undefined;
    const { doc_id: docId, job_id } = copy;
    this.#run.reuse({ docId, what: "job", jobId: job_id });
    await this.#run.advance({ state: "submitted", job_id, credits_used: null, last_error: null });
    return job_id;
  }

  #waitFor(claimId: string): never {
    this.#run.waitsFor = claimId;
    throw claimLost(this.#run.source.docId);
  }
}
