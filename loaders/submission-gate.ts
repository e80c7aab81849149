import { type ErrorCode, UnsiloedError } from "../src/errors.js";

/** What holds for the account and so for every further submission. */
const FINAL: ReadonlySet<ErrorCode> = new Set(["OUT_OF_CREDITS", "USAGE_LIMIT", "UNAUTHORIZED"]);

/**
 * Lets submissions through until the account is refused one; the rest then fail without a request. Jobs that were
 * paid for are not concerned: they are waited for and fetched as before.
 */
export class SubmissionGate {
  #closed: UnsiloedError | undefined;

  async pass<T>(submit: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      const { code, message, context } = this.#closed;
      const { status } = context;
      throw new UnsiloedError(code, `not submitted, because of an earlier failure: ${message}`, {
        cause: this.#closed,
        ...(status !== undefined && { status }),
      });
    }
    try {
      return await submit();
    } catch (thrown) {
      if (thrown instanceof UnsiloedError && FINAL.has(thrown.code)) this.#closed = thrown;
      throw thrown;
    }
  }
}
