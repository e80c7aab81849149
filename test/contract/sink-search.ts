import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SearchHit, SearchQuery } from "../../src/stores/sink.js";
import {
  atAngle,
  cosine,
  idOf,
  idsOf,
  metadataOf,
  type OpenSink,
  type PointChange,
  pointOf,
  pointsOf,
  type SinkCapabilities,
  type SinkUnderTest,
  SPEC,
} from "../support/sink-data.js";

const DIVIDEND = idOf(1);
const REVENUE = idOf(2);
const RISKS = idOf(3);
const NAMES = idOf(4);
const NUMBERS = idOf(5);
const LEXICAL_ONLY = idOf(6);

/** Passages whose vectors differ by angle: number n is at n × 10 degrees. */
const PASSAGES: PointChange[] = [
  { content: "The proposed dividend is 1.35 euros per share; last year the dividend was lower." },
  { content: "Revenue rose to 412 million, mostly in Europe." },
  { content: "Risks of low likelihood include the loss of a data centre. A dividend may be cut." },
  { content: "Auditor: Kowalczyk and Partners, represented by Mr O'Neill." },
  { content: "Invoice INV-2024-00731 of 17 March lists 38,250 units at 4.75 each." },
  { content: "What the reader sees.", lexical: "zebrafish" },
];

/** Words as they are printed, and questions that find them, in both directions. */
const PRINTED: [string, string, ...string[]][] = [
  ["soft hyphens", "The in\u00addemni\u00adfi\u00adca\u00adtion clause", "indemnification"],
  ["ligatures", "The o\ufb03cer signed the a\ufb03davit", "officer", "affidavit"],
  ["combining marks", "Die Ku\u0308ndigungsfrist", "Kündigungsfrist", "Ku\u0308ndigungsfrist"],
  ["characters of no width", "zero\u200bwidth join\u200cer", "joiner", "zerowidth"],
  ["full-width letters", "ＩＳＯ９００１ certificate", "ISO9001", "iso9001", "ＩＳＯ９００１"],
  ["half-width katakana", "ｺﾝﾌﾟﾗｲｱﾝｽ", "コンプライアンス"],
  ["words divided at a line end", "The environ-\nmental permit", "environmental"],
  ["a word in three lines", "any reor-\r\nganisa-\r\ntion plan", "reorganisation"],
  ["words divided by a mark of OCR", "Die Vertrags¬\nstrafe", "Vertragsstrafe"],
  ["compounds at a line end", "The long-\nterm lease", "long-term", "term"],
  ["German ß", "Die Hauptstraße", "Hauptstrasse", "hauptstraße", "HAUPTSTRASSE", "HAUPTSTRAẞE"],
  ["the i of Turkish", "Merkezi İSTANBUL", "Istanbul", "istanbul", "İstanbul", "ISTANBUL", "ıstanbul"],
  ["capitals of Greek", "Η ΣΎΜΒΑΣΗ ΜΙΣΘΟΣ", "σύμβαση", "ΣΥΜΒΑΣΗ", "μισθός"],
  ["the final sigma", "ο μισθός", "ΜΙΣΘΌΣ", "ΜΙΣΘΟΣ"],
  ["digits of other scripts", "رقم ٤٧١٢", "4712", "۴۷۱۲"],
  ["stretched Arabic", "هذا العقـــد", "العقد"],
  ["notes after a word", "the covenant² of Acme™", "covenant", "Acme"],
  ["mixed fractions", "a rate of 27½ percent", "27"],
];

export const describeSearch = (open: OpenSink, can: Required<SinkCapabilities>): unknown =>
  describe("searching", () => {
    let opened: SinkUnderTest;
    beforeAll(async () => {
      opened = await open();
      await opened.sink.prepare(SPEC);
      const passages = PASSAGES.map((change, index) =>
        pointOf(index + 1, {
          ...change,
          vector: atAngle((index + 1) * 10),
          metadata: { segment_index: index },
        }),
      );
      const filler = pointsOf(40, (n) => ({ content: "filler", vector: atAngle(n) }), 100);
      await opened.sink.upsert([...passages, ...filler]);
    });
    afterAll(() => opened.close());

    const search = (query: SearchQuery): Promise<SearchHit[]> => opened.sink.search(query);
    const scoresFall = (hits: readonly SearchHit[]) => {
      const scores = hits.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      expect(scores.every(Number.isFinite)).toBe(true);
    };

    describe("by vector", () => {
      it("finds the nearest first", async () => {
        const hits = await search({ mode: "dense", k: 4, vector: atAngle(19) });
        expect(hits.map(({ id }) => id)).toEqual([REVENUE, DIVIDEND, RISKS, NAMES]);
        scoresFall(hits);
      });

      it("scores by cosine, for vectors of any length", async () => {
        const question = atAngle(19).map((value) => value * 37);
        const hits = await search({ mode: "dense", k: 2, vector: question });
        expect(hits.map(({ id }) => id)).toEqual([REVENUE, DIVIDEND]);
        expect(hits[0]?.score).toBeCloseTo(cosine(question, atAngle(20)), 5);
        expect(hits[1]?.score).toBeCloseTo(cosine(question, atAngle(10)), 5);
      });

      it("returns content and metadata with a hit", async () => {
        const [hit] = await search({ mode: "dense", k: 1, vector: atAngle(60) });
        expect(hit).toMatchObject({ id: LEXICAL_ONLY, content: "What the reader sees." });
        expect(hit?.metadata).toEqual(metadataOf({ segment_index: 5 }));
      });

      it.each([1, 3, 46, 1000])("returns at most k hits (%i)", async (k) => {
        const hits = await search({ mode: "dense", k, vector: atAngle(0) });
        expect(hits).toHaveLength(Math.min(k, 46));
        expect(new Set(idsOf(hits)).size).toBe(hits.length);
      });

      it("refuses a question without a vector or of another size", async () => {
        await expect(search({ mode: "dense", k: 1 })).rejects.toMatchObject({ code: "INVALID_OPTION" });
        await expect(search({ mode: "dense", k: 1, vector: [1, 0] })).rejects.toMatchObject({
          code: "STORE_MISMATCH",
          retryable: false,
        });
      });

      it.each([Number.NaN, Number.NEGATIVE_INFINITY, 1e39])(
        "refuses a question with %d in its vector",
        async (bad) => {
          const vector = atAngle(0).with(2, bad);
          await expect(search({ mode: "dense", k: 1, vector })).rejects.toMatchObject({
            code: "STORE_REFUSED",
            retryable: false,
          });
        },
      );

      it.each([0, -1, 1.5])("refuses k = %d", async (k) => {
        await expect(search({ mode: "dense", k, vector: atAngle(0) })).rejects.toMatchObject({
          code: "INVALID_OPTION",
        });
      });
    });

    it.runIf(!can.modes.includes("text"))("refuses mode text, which it does not support", async () => {
      const query = { mode: "text" as const, k: 1, text: "dividend" };
      await expect(search(query)).rejects.toMatchObject({ code: "UNSUPPORTED_SEARCH" });
    });

    describe.runIf(can.modes.includes("text"))("by words", () => {
      const words = (text: string, k = 5) => search({ mode: "text", k, text });

      it("ranks the passage with most of the words first", async () => {
        const hits = await words("dividend");
        expect(hits.map(({ id }) => id)).toEqual([DIVIDEND, RISKS]);
        scoresFall(hits);
        expect(hits.every(({ score }) => score > 0)).toBe(true);
        expect(hits[0]?.metadata).toEqual(metadataOf({ segment_index: 0 }));
      });

      it("weighs rare words more than common ones", async () => {
        const hits = await words("filler Kowalczyk", 3);
        expect(hits[0]?.id).toBe(NAMES);
        expect(hits).toHaveLength(3);
      });

      it.each([
        ["DIVIDEND", DIVIDEND],
        ["kowalczyk", NAMES],
        ["412", REVENUE],
        ["who is the auditor, Kowalczyk?", NAMES],
        ["INV-2024-00731", NUMBERS],
        ["38,250 units", NUMBERS],
        ["zebrafish", LEXICAL_ONLY],
      ])("finds %j", async (text, id) => {
        expect((await words(text))[0]?.id).toBe(id);
      });

      it("searches the lexical text, not the content", async () => {
        expect((await words("reader sees")).map(({ id }) => id)).not.toContain(LEXICAL_ONLY);
      });

      describe.each(PRINTED)("with %s", (_, lexical, ...questions) => {
        let printed: SinkUnderTest;
        const [point, other] = [idOf(1), idOf(2)];
        beforeAll(async () => {
          printed = await open();
          await printed.sink.prepare(SPEC);
          await printed.sink.upsert([
            pointOf(1, { content: lexical, lexical }),
            pointOf(2, { content: "unrelated passage" }),
          ]);
        });
        afterAll(() => printed.close());

        it.each([...questions, lexical])("finds %j", async (text) => {
          const hits = await printed.sink.search({ mode: "text", k: 2, text });
          expect(hits.map(({ id }) => id)).toEqual([point]);
          expect(hits[0]?.content).toBe(lexical);
        });

        it("finds it by the question as it is printed", async () => {
          const [question = ""] = questions;
          await printed.sink.upsert([pointOf(2, { content: question })]);
          const hits = await printed.sink.search({ mode: "text", k: 2, text: lexical });
          expect(hits.map(({ id }) => id)).toContain(other);
        });
      });

      it.each(["", "   ", "?!", "—", "\"'`", "()", "xylophone"])("finds nothing for %j", async (text) => {
        expect(await words(text)).toEqual([]);
      });

      it.each([
        'dividend AND (OR "unclosed',
        "+dividend -revenue",
        "dividend~2^4*",
        "title:dividend",
        "'; DROP TABLE x; -- dividend",
        "\\dividend\\",
        "{dividend}[]",
      ])("takes %j for plain words", async (text) => {
        expect((await words(text)).map(({ id }) => id)).toContain(DIVIDEND);
      });

      it("accepts a very long question", async () => {
        const text = `${"the of and ".repeat(2000)} Kowalczyk`;
        expect((await words(text, 50)).map(({ id }) => id)).toContain(NAMES);
      });

      it("answers the same question in the same way", async () => {
        expect(await words("dividend filler", 20)).toEqual(await words("dividend filler", 20));
      });

      it("returns at most k hits", async () => {
        expect(await words("filler", 7)).toHaveLength(7);
        expect(await words("filler", 500)).toHaveLength(40);
      });

      it("refuses a question without text", async () => {
        await expect(search({ mode: "text", k: 1 })).rejects.toMatchObject({ code: "INVALID_OPTION" });
      });
    });

    if (can.modes.length < 2)
      it.skip(`searches in other modes (skipped: the store can only ${can.modes.join(", ")})`);
  });
