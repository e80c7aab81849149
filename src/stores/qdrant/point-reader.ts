import type { Schemas } from "@qdrant/js-client-rest";
import type { SinkCallOptions } from "../sink.js";
import type { QdrantConnection } from "./http/connection.js";
import type { QdrantFilter } from "./points/payload-fields.js";
import { readAnswerPoints, type ScoredRecord } from "./search.js";
import type { StrictLimits, StrictMode } from "./strict-mode.js";

/** Points in one page of a listing; fewer with vectors, which are long. */
const PAGE = 1000;
const PAGE_WITH_VECTORS = 100;

/** Makes a filter within the limits of strict mode. */
export type FilterWithin = (limits: StrictLimits) => QdrantFilter | undefined;

const filterOf = (filter: QdrantFilter | undefined): { filter?: QdrantFilter } => (filter ? { filter } : {});

/** Lists, counts and searches points, in answers that the server gives. */
export class PointReader {
  readonly #connection: QdrantConnection;
  readonly #path: { collection_name: string };
  readonly #strict: StrictMode;

  constructor(connection: QdrantConnection, collection: string, strict: StrictMode) {
    this.#connection = connection;
    this.#path = { collection_name: collection };
    this.#strict = strict;
  }

  /** Yields all points that match a filter, page by page. */
  async *scroll(
    action: string,
    filter: FilterWithin,
    parts: Pick<Schemas["ScrollRequest"], "with_payload" | "with_vector">,
    options: SinkCallOptions,
  ): AsyncGenerator<Schemas["Record"][]> {
    const most = parts.with_vector ? PAGE_WITH_VECTORS : PAGE;
    let offset: string | number | undefined;
    do {
      const page = await this.#strict.within((limits) => {
        const request = {
          ...this.#path,
          ...parts,
          ...filterOf(filter(limits)),
          limit: Math.min(most, limits.answer),
          ...(offset !== undefined && { offset }),
        };
        return this.#connection.result(action, (api, init) => api.scrollPoints(request, init), options);
      });
      yield page.points;
      const next = page.next_page_offset;
      offset = typeof next === "string" || typeof next === "number" ? next : undefined;
    } while (offset !== undefined);
  }

  /** Counts points exactly; by listing their ids where strict mode allows no other exact count. */
  async count(filter: FilterWithin, options: SinkCallOptions): Promise<number> {
    return this.#strict.within(async (limits) => {
      if (!limits.exact) return this.#countListed(filter, options);
      const request = { ...this.#path, exact: true, ...filterOf(filter(limits)) };
      const { count } = await this.#connection.result(
        "counting points",
        (api, init) => api.countPoints(request, init),
        options,
      );
      return count;
    });
  }

  /** Lists different values of a payload field with an index, the most frequent first. */
  async values(key: string, most: number, filter: FilterWithin, options: SinkCallOptions): Promise<string[]> {
    return this.#strict.within(async (limits) => {
      const limit = Math.min(most, limits.answer);
      const request = { ...this.#path, key, limit, ...filterOf(filter(limits)) };
      const { hits } = await this.#connection.result(
        "listing values",
        (api, init) => api.facet(request, init),
        options,
      );
      return hits.map(({ value }) => String(value));
    });
  }

  /** Counts points exactly by the values of a payload field with an index, which are at most `most`. */
  async countBy(
    key: string,
    most: number,
    filter: FilterWithin,
    options: SinkCallOptions,
  ): Promise<Map<string, number>> {
    return this.#strict.within(async (limits) => {
      const request = { ...this.#path, key, limit: most, exact: true, ...filterOf(filter(limits)) };
      const { hits } = await this.#connection.result(
        "counting points",
        (api, init) => api.facet(request, init),
        options,
      );
      return new Map(hits.map(({ value, count }) => [String(value), count]));
    });
  }

  /** Searches, in several requests where one may not return `k` points. */
  async search(
    k: number,
    query: Schemas["QueryRequest"],
    filter: FilterWithin,
    options: SinkCallOptions,
  ): Promise<ScoredRecord[]> {
    const found = new Map<string, ScoredRecord>();
    let asked = 0;
    for (let offset = 0, full = true; full && offset < k; offset += asked) {
      const answer = await this.#strict.within((limits) => {
        asked = Math.min(k - offset, limits.answer);
        const page = { limit: asked, ...(offset > 0 && { offset }) };
        const request = { ...this.#path, ...query, ...filterOf(filter(limits)), ...page };
        return this.#connection.result("searching", (api, init) => api.queryPoints(request, init), options);
      });
      const points = readAnswerPoints(answer);
      // Two approximate searches may return the same point.
      for (const point of points) if (!found.has(point.id)) found.set(point.id, point);
      full = points.length === asked;
    }
    return [...found.values()];
  }

  async #countListed(filter: FilterWithin, options: SinkCallOptions): Promise<number> {
    let count = 0;
    const parts = { with_payload: false, with_vector: false };
    for await (const page of this.scroll("counting points", filter, parts, options)) count += page.length;
    return count;
  }
}
