import { UnsiloedError } from "../../errors.js";
import { untilAborted } from "../../internal/async/until-aborted.js";
import { type CommitQueue, GroupCommit } from "../group-commit.js";
import type { SinkCallOptions } from "../sink.js";
import type { FilterWithin, PointReader } from "./point-reader.js";
import { DOC_ID, documentsFilter } from "./points/payload-fields.js";
import type { StrictMode } from "./strict-mode.js";

/** The most documents that are counted by one request. */
const MOST_SHARED = 100;

/** A count of the points of one document. */
interface DocumentCount {
  docId: string;
  version: string | undefined;
  found: number;
}

const filterOf =
  (counts: readonly DocumentCount[]): FilterWithin =>
  ({ values }) =>
    documentsFilter(
      counts.map(({ docId }) => docId),
      counts.flatMap(({ version }) => version ?? []),
      values,
    );

/**
 * Counts the points of single documents; counts that wait for their turn share one request, which groups by document.
 * Each is made alone where the server does not group exactly.
 */
export class SharedCounts {
  readonly #reader: PointReader;
  readonly #strict: StrictMode;
  /** Those of any version, and those of one: a document's version is of no other document. */
  readonly #counts: Record<"any" | "one", GroupCommit<DocumentCount>>;
  #isRefused = false;

  constructor(reader: PointReader, strict: StrictMode, queue: CommitQueue) {
    this.#reader = reader;
    this.#strict = strict;
    const limits = { weigh: () => 0, maxWeight: 0, keyOf: ({ docId }: DocumentCount) => docId };
    const group = () => {
      const count = (counts: readonly DocumentCount[], signal: AbortSignal | undefined) =>
        this.#count(counts, { signal });
      return new GroupCommit<DocumentCount>(queue, { ...limits, maxCount: () => this.#mostShared }, count);
    };
    this.#counts = { any: group(), one: group() };
  }

  /** Counts exactly the points of a document, of all versions unless one is given. */
  async count(docId: string, version: string | undefined, { signal }: SinkCallOptions): Promise<number> {
    const count = { docId, version, found: 0 };
    const group = this.#counts[version === undefined ? "any" : "one"];
    await untilAborted(() => group.add([count], signal), signal);
    return count.found;
  }

  get #mostShared(): number {
    const { answer, exact } = this.#strict.limits;
    return this.#isRefused || !exact ? 1 : Math.min(MOST_SHARED, answer);
  }

  async #count(counts: readonly DocumentCount[], options: SinkCallOptions): Promise<void> {
    const [first] = counts;
    if (first && counts.length === 1) {
      first.found = await this.#reader.count(filterOf(counts), options);
      return;
    }
    try {
      const found = await this.#reader.countBy(DOC_ID, counts.length, filterOf(counts), options);
      for (const count of counts) count.found = found.get(count.docId) ?? 0;
    } catch (thrown) {
      // Servers before 1.12 cannot group, and strict mode may forbid it.
      if (thrown instanceof UnsiloedError && thrown.code === "STORE_REFUSED") this.#isRefused = true;
      throw thrown;
    }
  }
}
