import { sha256 } from "../../internal/hashing.js";
import type { LedgerEntry } from "../../ledger/ledger.js";
import type { LedgerRecord } from "../../ledger/record.js";
import { type Standing, standingOf } from "../../ledger/standing.js";
import type { DocumentList, DocumentRow } from "../contract.js";
import type { Inspected } from "../options.js";

/** Query of a list, checked and filled in. */
export interface ListQuery {
  search: string;
  standing?: Standing | undefined;
  offset: number;
  limit: number;
}

/** Reading a ledger of many documents takes a while, so that a list is kept for several times as long, up to a limit. */
const PAUSE_FACTOR = 4;
const LONGEST_PAUSE_MS = 4000;

interface Listed {
  entry: LedgerEntry;
  standing: Standing;
}

/** Makes the row of a document. */
export const rowOf = (record: LedgerRecord, standing: Standing, pages: number | null): DocumentRow => ({
  id: record.doc_id,
  source: record.source,
  standing,
  pages,
  points: record.point_ids.length,
  segments: record.segments,
  error: record.last_error,
  attempts: record.attempts,
  updatedAt: record.updated_at,
});

const unreadableRow = (id: string, { message }: Error): DocumentRow => ({
  id,
  source: id,
  standing: "unreadable",
  pages: null,
  points: 0,
  segments: null,
  error: { stage: null, code: null, message, at: null },
  attempts: 0,
  updatedAt: null,
});

/** Lists the documents of a ledger, and keeps the list for a moment. */
export class DocumentLister {
  readonly #inspected: Pick<Inspected, "ledger" | "readPageCount">;
  readonly #now: () => number;
  #listed: { until: number; entries: readonly Listed[] } | undefined;

  /** @param now milliseconds, for measuring */
  constructor(inspected: Pick<Inspected, "ledger" | "readPageCount">, now: () => number) {
    this.#inspected = inspected;
    this.#now = now;
  }

  async list({ search, standing, offset, limit }: ListQuery): Promise<DocumentList> {
    const all = await this.#entries();
    const standings: DocumentList["standings"] = {};
    for (const one of all) standings[one.standing] = (standings[one.standing] ?? 0) + 1;
    const wanted = search.toLowerCase();
    const matching = all.filter(
      ({ entry, standing: own }) =>
        (standing === undefined || own === standing) &&
        (entry.docId.toLowerCase().includes(wanted) ||
          (entry.record?.source.toLowerCase().includes(wanted) ?? false)),
    );
    const documents = await Promise.all(matching.slice(offset, offset + limit).map((one) => this.#row(one)));
    const revision = sha256(all.map(({ entry, standing: own }) => `${own} ${entry.record?.updated_at}`));
    return { total: all.length, standings, matched: matching.length, documents, revision };
  }

  async #row({ entry, standing }: Listed): Promise<DocumentRow> {
    const { docId, record, problem } = entry;
    if (!record) return unreadableRow(docId, problem);
    return rowOf(record, standing, (await this.#inspected.readPageCount(record)) ?? null);
  }

  async #entries(): Promise<readonly Listed[]> {
    const begun = this.#now();
    if (this.#listed && begun < this.#listed.until) return this.#listed.entries;
    const { ledger } = this.#inspected;
    const entries: Listed[] = [];
    for await (const entry of ledger.list()) {
      const { docId, record } = entry;
      const isClaimed =
        record !== undefined && record.state !== "stored" && (await ledger.holder(docId)) !== undefined;
      entries.push({ entry, standing: record ? standingOf(record, isClaimed) : "unreadable" });
    }
    entries.sort((a, b) => (a.entry.docId < b.entry.docId ? -1 : 1));
    const ended = this.#now();
    this.#listed = { until: ended + Math.min((ended - begun) * PAUSE_FACTOR, LONGEST_PAUSE_MS), entries };
    return entries;
  }
}
