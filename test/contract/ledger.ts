import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedError } from "../../src/errors.js";
import { newOwner } from "../../src/ledger/claims.js";
import type { ClaimOwner, Ledger, LedgerEntry, LedgerFilter } from "../../src/ledger/ledger.js";
import { advance, isOutcomeUnknown, type LedgerRecord, newRecord } from "../../src/ledger/record.js";
import { AutoAdvanceClock } from "../support/clocks/auto-advance-clock.js";

export interface LedgerUnderTest {
  ledger: Ledger;
  /** Opens another ledger on the same records, if they are persistent. */
  reopen?: () => Ledger;
  close(): Promise<void>;
}

export interface LedgerSetting {
  clock: AutoAdvanceClock;
  leaseMs: number;
  secrets: string[];
}

export const SECRET = 'k"ey-0123456789';
const LEASE_MS = 30_000;

export const recordOf = (docId: string, change: Partial<LedgerRecord> = {}): LedgerRecord => ({
  ...newRecord({ docId, source: docId }, { state: "submitting", content_hash: "c", parse_hash: "p" }, 0),
  ...change,
});

export const stored = (docId: string, points = 3): LedgerRecord => {
  const now = Date.parse("2026-01-02T03:04:05Z");
  const submitted = advance(
    recordOf(docId),
    { state: "submitted", job_id: `job-${docId.slice(0, 20)}` },
    now,
  );
  const ids = Array.from(
    { length: points },
    (_, n) => `00000000-0000-5000-8000-${String(n).padStart(12, "0")}`,
  );
  return advance(submitted, { state: "stored", version: "v1", point_ids: ids }, now + 1);
};

export const entries = async (ledger: Ledger, filter?: LedgerFilter): Promise<LedgerEntry[]> => {
  const listed: LedgerEntry[] = [];
  for await (const entry of ledger.list(filter)) listed.push(entry);
  return listed.sort((a, b) => (a.docId < b.docId ? -1 : 1));
};

export const failureOf = async (work: Promise<unknown>): Promise<UnsiloedError> => {
  const outcome = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (outcome instanceof UnsiloedError) return outcome;
  throw new Error(`expected an UnsiloedError, got ${String(outcome)}`, { cause: outcome });
};

/** Makes an owner in another process, whose end cannot be detected. */
const elsewhere = (): ClaimOwner => ({ ...newOwner(), machine: "elsewhere" });

/** Tests the rules that `Ledger` states. */
export const describeLedger = (
  name: string,
  open: (setting: LedgerSetting) => Promise<LedgerUnderTest>,
): void => {
  describe(`${name} as a ledger`, () => {
    let under: LedgerUnderTest;
    let ledger: Ledger;
    let clock: AutoAdvanceClock;
    beforeEach(async () => {
      clock = new AutoAdvanceClock();
      under = await open({ clock, leaseMs: LEASE_MS, secrets: [SECRET] });
      ledger = under.ledger;
    });
    afterEach(() => under.close());

    describe("records", () => {
      it("is empty at first", async () => {
        expect(await ledger.get("a.pdf")).toBeUndefined();
        expect(await entries(ledger)).toEqual([]);
      });

      it("returns a whole record", async () => {
        const record = stored("a.pdf", 500);
        await ledger.put(record);
        expect(await ledger.get("a.pdf")).toEqual(record);
        expect(await entries(ledger)).toEqual([{ docId: "a.pdf", record }]);
      });

      it("returns the records of many documents, and leaves out those without one", async () => {
        const long = `${"x".repeat(5000)}1`;
        const docIds = [...Array.from({ length: 2500 }, (_, n) => `${n}.pdf`), long, "\u0000\uffff"];
        const written = docIds.filter((_, n) => n % 10 === 0);
        await Promise.all(written.map((docId, n) => ledger.put(n % 3 ? recordOf(docId) : stored(docId))));
        const found = await ledger.getMany([...docIds, `${"x".repeat(5000)}2`, "0.pdf"]);
        expect([...found.keys()].sort()).toEqual([...written].sort());
        for (const docId of ["0.pdf", "10.pdf", long])
          expect(found.get(docId)).toEqual({ docId, record: await ledger.get(docId) });
        expect(await ledger.getMany([])).toEqual(new Map());
      });

      it("replaces a record, and does not change other records", async () => {
        await ledger.put(recordOf("a.pdf"));
        await ledger.put(recordOf("b.pdf"));
        await ledger.put(stored("a.pdf"));
        expect((await ledger.get("a.pdf"))?.state).toBe("stored");
        expect((await ledger.get("b.pdf"))?.state).toBe("submitting");
      });

      it("does not share objects with the caller", async () => {
        const record = stored("a.pdf");
        await ledger.put(record);
        record.point_ids.push("later");
        (await ledger.get("a.pdf"))?.point_ids.push("later");
        expect((await ledger.get("a.pdf"))?.point_ids).toHaveLength(3);
      });

      it.each([
        ["../../etc/passwd"],
        ["https://example.com/a?b=c#d"],
        ["\u0000\uffff 𝒳 ü/ä"],
        ["x".repeat(5000)],
        [" "],
        ["__proto__"],
      ])("takes any document id (%#)", async (docId) => {
        await ledger.put(recordOf(docId));
        await ledger.put(recordOf(`${docId}2`));
        expect((await ledger.get(docId))?.doc_id).toBe(docId);
        expect((await entries(ledger)).map((entry) => entry.docId).sort()).toEqual(
          [docId, `${docId}2`].sort(),
        );
        expect(await ledger.delete(docId)).toBe(true);
        expect((await ledger.get(`${docId}2`))?.doc_id).toBe(`${docId}2`);
      });

      it("refuses a document id that is not text", async () => {
        expect((await failureOf(ledger.put(recordOf("")))).code).toBe("INVALID_OPTION");
        expect((await failureOf(ledger.put(recordOf("a\ud800")))).code).toBe("INVALID_OPTION");
      });

      it.each<[string, Partial<LedgerRecord>, RegExp]>([
        ["submitted without a job", { state: "submitted" }, /job_id/],
        ["submitting with a job", { job_id: "j" }, /job_id/],
        ["stored without a version", { state: "stored" }, /version/],
        ["failed without an error", { state: "failed" }, /last_error/],
        ["with a negative count", { attempts: -1 }, /attempts/],
      ])("refuses a record that is %s", async (_what, change, message) => {
        const error = await failureOf(ledger.put(recordOf("a.pdf", change)));
        expect(error.code).toBe("INVALID_OPTION");
        expect(error.message).toMatch(message);
        expect(await ledger.get("a.pdf")).toBeUndefined();
      });

      it("lists records by state", async () => {
        for (let n = 0; n < 600; n++) await ledger.put(n % 3 ? recordOf(`${n}`) : stored(`${n}`));
        expect(await entries(ledger, { states: ["stored"] })).toHaveLength(200);
        expect(await entries(ledger, { states: ["stored", "submitting"] })).toHaveLength(600);
        expect(await entries(ledger, { states: [] })).toEqual([]);
        expect(new Set((await entries(ledger)).map(({ docId }) => docId)).size).toBe(600);
      });

      it("lists records by content and parse options", async () => {
        const parse = { contentHash: "c", parseHash: "p" };
        const ids = async (filter: LedgerFilter) => (await entries(ledger, filter)).map(({ docId }) => docId);
        expect(await ids({ parse })).toEqual([]);
        for (let n = 0; n < 300; n++)
          await ledger.put(recordOf(`copy-${n}`, n % 3 ? {} : { content_hash: "other" }));
        await ledger.put(recordOf("options", { parse_hash: "other" }));
        await ledger.put(recordOf("unknown", { content_hash: null, parse_hash: null }));
        await ledger.put(recordOf("saved", { parse_hash: null }));
        await ledger.put(recordOf("x".repeat(5000)));
        expect(await ids({ parse })).toHaveLength(201);
        expect(await ids({ parse: { contentHash: "other", parseHash: "p" } })).toHaveLength(100);
        expect(await ids({ parse: { contentHash: "c", parseHash: "other" } })).toEqual(["options"]);
        await ledger.put(stored("copy-1"));
        expect(await ids({ parse, states: ["stored"] })).toEqual(["copy-1"]);
      });

      it("counts the points of the stored documents of a store", async () => {
        expect(await ledger.countPoints("a")).toBe(0);
        await ledger.put({ ...stored("1.pdf", 3), store: "a" });
        await ledger.put({ ...stored("2.pdf", 4), store: "a" });
        await ledger.put({ ...stored("3.pdf", 5), store: "b" });
        await ledger.put({ ...stored("4.pdf", 6), store: "a", state: "parsed" });
        expect(await ledger.countPoints("a")).toBe(7);
        expect(await ledger.countPoints("b")).toBe(5);
        expect(await ledger.countPoints("c")).toBe(0);
      });

      it("returns ids of points in their order, also of stores that use no UUIDs", async () => {
        for (const point_ids of [
          ["b", "a", "00000000-0000-5000-8000-000000000001"],
          stored("x", 3).point_ids.reverse(),
          [],
        ]) {
          await ledger.put({ ...stored("a.pdf"), point_ids });
          expect((await ledger.get("a.pdf"))?.point_ids).toEqual(point_ids);
        }
      });

      it("lists a record by its present content only", async () => {
        const parse = { contentHash: "c", parseHash: "p" };
        for (const docId of ["a", "b", "c"]) await ledger.put(recordOf(docId));
        await ledger.put(recordOf("a", { content_hash: "c2" }));
        await ledger.delete("b");
        expect((await entries(ledger, { parse })).map(({ docId }) => docId)).toEqual(["c"]);
        const changed = { parse: { contentHash: "c2", parseHash: "p" } };
        expect((await entries(ledger, changed)).map(({ docId }) => docId)).toEqual(["a"]);
        await ledger.put(recordOf("a"));
        expect(await entries(ledger, changed)).toEqual([]);
        expect(await entries(ledger, { parse })).toHaveLength(2);
      });

      it("continues a list while records are added and removed", async () => {
        for (let n = 0; n < 300; n++) await ledger.put(recordOf(`doc-${n}`));
        const seen: string[] = [];
        for await (const { docId } of ledger.list()) {
          seen.push(docId);
          if (seen.length % 50 === 0) await ledger.put(recordOf(`new-${seen.length}`));
          if (seen.length === 20) await ledger.delete(docId);
        }
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen.filter((docId) => docId.startsWith("doc-"))).toHaveLength(300);
      });

      it("ends a list early", async () => {
        for (let n = 0; n < 5; n++) await ledger.put(recordOf(`${n}`));
        for await (const _ of ledger.list()) break;
        expect(await ledger.delete("0")).toBe(true);
        expect(await ledger.delete("0")).toBe(false);
        expect(await entries(ledger)).toHaveLength(4);
      });

      it("stores many records at once", async () => {
        await Promise.all(Array.from({ length: 500 }, (_, n) => ledger.put(recordOf(`${n}`))));
        expect(await entries(ledger)).toHaveLength(500);
      });
    });

    describe("secrets", () => {
      it("are removed from errors and sources", async () => {
        const message = [
          `refused: ${SECRET}`,
          "GET https://u:pass@host/x.pdf?X-Amz-Signature=abc failed",
          "Authorization: Bearer tok_12345, api-key: qwerty",
          "sk-proj-abcdefghijklmnopqrst",
        ].join("\n");
        const failed = advance(
          recordOf("a.pdf", { source: "https://u:pass@host/x.pdf?X-Amz-Signature=abc" }),
          { state: "failed", last_error: { stage: "submit", code: "BAD_REQUEST", message } },
          0,
        );
        await ledger.put(failed);
        const kept = await ledger.get("a.pdf");
        expect(kept?.source).toBe("https://host/x.pdf");
        expect(kept?.last_error?.message).toMatch(/^refused: \[secret\] GET https:\/\/host\/x\.pdf failed/);
        expect(JSON.stringify(kept)).not.toMatch(/0123456789|pass@|abc|tok_|qwerty|sk-proj/);
      });

      it("elsewhere make a record invalid, and the error does not show them", async () => {
        const error = await failureOf(ledger.put(recordOf(`x-${SECRET}`)));
        expect(error.code).toBe("INVALID_OPTION");
        expect(error.message).not.toContain("0123456789");
        expect(await entries(ledger)).toEqual([]);
      });

      it("never make an error too long", async () => {
        const last_error = { stage: "embed", code: "UNEXPECTED", message: "x ".repeat(9999) } as const;
        await ledger.put(advance(recordOf("a"), { state: "failed", last_error }, 0));
        expect((await ledger.get("a"))?.last_error?.message.length).toBeLessThanOrEqual(500);
      });
    });

    describe("claims", () => {
      it("are granted to one owner", async () => {
        const owners = Array.from({ length: 20 }, elsewhere);
        const outcomes = await Promise.all(owners.map((owner) => ledger.claim("a.pdf", owner)));
        const winners = outcomes.flatMap(({ granted }, n) => (granted ? [owners[n]?.id] : []));
        expect(winners).toHaveLength(1);
        expect(new Set(outcomes.map(({ claim }) => claim.owner.id))).toEqual(new Set(winners));
        expect((await ledger.claim("b.pdf", elsewhere())).granted).toBe(true);
      });

      it("expire when they are not renewed", async () => {
        const [first, second] = [elsewhere(), elsewhere()];
        const { claim } = await ledger.claim("a.pdf", first);
        expect(claim.expiresAt).toBe(clock.now() + LEASE_MS);
        clock.advance(LEASE_MS - 1);
        expect((await ledger.claim("a.pdf", second)).granted).toBe(false);
        expect((await ledger.holder("a.pdf"))?.owner).toEqual(first);
        clock.advance(1);
        expect(await ledger.holder("a.pdf")).toBeUndefined();
        expect((await ledger.claim("a.pdf", second)).granted).toBe(true);
        expect(await ledger.renew("a.pdf", first)).toBe(false);
      });

      it("last while they are renewed", async () => {
        const [first, second] = [elsewhere(), elsewhere()];
        await ledger.claim("a.pdf", first);
        for (let n = 0; n < 5; n++) {
          clock.advance(LEASE_MS - 1);
          expect(await ledger.renew("a.pdf", first)).toBe(true);
          expect((await ledger.claim("a.pdf", second)).granted).toBe(false);
        }
      });

      it("are renewed together, each for its owner only", async () => {
        const [first, second] = [elsewhere(), elsewhere()];
        const claimed = Array.from({ length: 50 }, (_, n) => `${n}.pdf`);
        await Promise.all(claimed.map((docId, n) => ledger.claim(docId, n % 2 ? first : second)));
        clock.advance(LEASE_MS - 1);
        const renewed = await Promise.all(
          [...claimed, "unclaimed.pdf"].map((docId) => ledger.renew(docId, first)),
        );
        expect(renewed).toEqual([...claimed.map((_, n) => n % 2 === 1), false]);
        clock.advance(1);
        expect(await ledger.holder("0.pdf")).toBeUndefined();
        expect((await ledger.holder("1.pdf"))?.owner).toEqual(first);
      });

      it("may be renewed late, unless another owner took them", async () => {
        const [first, second] = [elsewhere(), elsewhere()];
        await ledger.claim("a.pdf", first);
        clock.advance(LEASE_MS * 3);
        expect(await ledger.renew("a.pdf", first)).toBe(true);
        expect((await ledger.claim("a.pdf", second)).granted).toBe(false);
      });

      it("are released by their owner only", async () => {
        const [first, second] = [elsewhere(), elsewhere()];
        await ledger.claim("a.pdf", first);
        await ledger.release("a.pdf", second);
        expect((await ledger.claim("a.pdf", second)).granted).toBe(false);
        await ledger.release("a.pdf", first);
        expect(await ledger.renew("a.pdf", first)).toBe(false);
        expect((await ledger.claim("a.pdf", second)).granted).toBe(true);
      });

      it("prevent late writes of an owner that lost the document", async () => {
        const [first, second] = [elsewhere(), elsewhere()];
        await ledger.claim("a.pdf", first);
        await ledger.put(recordOf("a.pdf"), first);
        clock.advance(LEASE_MS);
        await ledger.claim("a.pdf", second);
        await ledger.put(stored("a.pdf"), second);
        await ledger.release("a.pdf", second);
        expect((await failureOf(ledger.put(recordOf("a.pdf"), first))).code).toBe("CLAIM_LOST");
        expect((await failureOf(ledger.delete("a.pdf", first))).code).toBe("CLAIM_LOST");
        expect((await ledger.get("a.pdf"))?.state).toBe("stored");
        await ledger.put(recordOf("a.pdf", { source: "without an owner" }));
        expect((await ledger.get("a.pdf"))?.source).toBe("without an owner");
      });

      it("distinguish a submission in progress from one of unknown outcome", async () => {
        const owner = elsewhere();
        await ledger.claim("a.pdf", owner);
        await ledger.put(recordOf("a.pdf"), owner);
        const unknown = async () =>
          isOutcomeUnknown(
            (await ledger.get("a.pdf")) ?? stored("a.pdf"),
            (await ledger.holder("a.pdf")) !== undefined,
          );
        expect(await unknown()).toBe(false);
        clock.advance(LEASE_MS);
        expect(await unknown()).toBe(true);
        await ledger.put(advance(recordOf("a.pdf"), { state: "submitted", job_id: "j" }, 0));
        expect(await unknown()).toBe(false);
      });
    });

    it("closes twice", async () => {
      await ledger.put(recordOf("a"));
      await ledger.close();
      await expect(ledger.close()).resolves.toBeUndefined();
    });

    it("keeps its records after its process ends, if it is persistent", async () => {
      if (!under.reopen) return;
      await ledger.put(stored("a.pdf"));
      const other = under.reopen();
      expect(await other.get("a.pdf")).toEqual(stored("a.pdf"));
      await other.put(stored("b.pdf"));
      expect(await ledger.get("b.pdf")).toEqual(stored("b.pdf"));
      await ledger.close();
      expect(await entries(other)).toHaveLength(2);
      await other.close();
    });
  });
};
