import { z } from "zod";
import type { Segment } from "../../documents/segment.js";
import { UnsiloedError } from "../../errors.js";
import { DEFAULT_RESULT_LIMITS } from "./limits.js";
import { invalid, type ReadResultOptions } from "./read-segment.js";

/** How much a result says it holds; `null` where it does not say. */
export interface ResultTotals {
  chunks: number | null;
  pages: number | null;
}

/** A count, which may come as text. */
const count = z
  .union([
    z.number(),
    z
      .string()
      .trim()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  ])
  .pipe(z.number().int().nonnegative())
  .nullish()
  .catch(null);
const totalsSchema = z.object({ total_chunks: count, page_count: count });

/** Reads how much a result, or an answer about one, says it holds. */
export const readTotals = (value: unknown): ResultTotals => {
  const { total_chunks, page_count } = totalsSchema.safeParse(value).data ?? {};
  return { chunks: total_chunks ?? null, pages: page_count ?? null };
};

/** Takes what the first totals do not say from the second. */
export const mergeTotals = (one: ResultTotals, other: ResultTotals): ResultTotals => ({
  chunks: one.chunks ?? other.chunks,
  pages: one.pages ?? other.pages,
});

/** Counts what a result holds, stops at the limits, and tells at the end whether all of it came. */
export class ResultCounter {
  readonly #options: ReadResultOptions;
  chunks = 0;
  segments = 0;
  #lastPage = 0;

  constructor(options: ReadResultOptions) {
    this.#options = options;
  }

  chunk(): void {
    this.#check("chunks", ++this.chunks);
  }

  segment(): void {
    this.#check("segments", ++this.segments);
  }

  /** Notes the pages of a segment. */
  page({ page_number, merged_page_bboxes }: Segment): void {
    this.#lastPage = Math.max(this.#lastPage, page_number);
    for (const place of merged_page_bboxes ?? [])
      this.#lastPage = Math.max(this.#lastPage, place.page_number);
  }

  /**
   * Checks that all chunks came. Pages are only named, because they prove nothing: pages without text have no segment,
   * and a `page_range` leaves pages out, so that a whole result may end before the last page.
   *
   * @throws UnsiloedError `INCOMPLETE_RESULT`
   */
  assertWhole({ chunks, pages }: ResultTotals): void {
    const { chunks: found } = this;
    if (chunks === null || found >= chunks) return;
    const end =
      pages !== null && this.#lastPage < pages ? ` and ends at page ${this.#lastPage} of ${pages}` : "";
    throw new UnsiloedError(
      "INCOMPLETE_RESULT",
      `${this.#options.name}: holds only ${found} of ${chunks} chunks${end}; what is stored of the document stays as it is; fetch the result again`,
    );
  }

  #check(what: "chunks" | "segments", found: number): void {
    const { name, limits = DEFAULT_RESULT_LIMITS } = this.#options;
    if (found > limits[what])
      throw invalid(name, `expected at most ${limits[what]} ${what}, found more; see the option limits`);
  }
}
