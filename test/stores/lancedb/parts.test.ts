import { describe, expect, it } from "vitest";
import { withoutStopWords } from "../../../src/internal/text/stop-words.js";
import { toStoreError } from "../../../src/stores/lancedb/errors.js";
import { idsToSql, sqlText, toSql } from "../../../src/stores/lancedb/filter-sql.js";
import {
  isDue,
  isDueAtEnd,
  isOverBudget,
  keptAge,
  ranksWords,
} from "../../../src/stores/lancedb/maintenance.js";

describe("the distinctive words of a question", () => {
  it.each([
    ["How long do we have to pay an invoice?", "long pay invoice?"],
    ["What is the fuse of the K7-14?", "fuse K7-14?"],
    ["What is WHO, and where is IT?", "WHO, IT?"],
    ["«How» (many) sites?", "(many) sites?"],
    ["who are we", "who are we"],
    ["?!", "?!"],
    ["", ""],
    ["Wie hoch ist die Dividende?", "hoch Dividende?"],
    ["Quelle est la durée du contrat ?", "durée contrat ?"],
    ["¿Cuál es el plazo de pago?", "plazo pago?"],
    ["How did patients die?", "patients die?"],
  ])("%j", (question, words) => {
    expect(withoutStopWords(question)).toBe(words);
  });
});

describe("filters as SQL", () => {
  it("doubles quotes and changes nothing else", () => {
    expect(sqlText(`it's 100% "so" \\ 'x'`)).toBe(`'it''s 100% "so" \\ ''x'''`);
    expect(idsToSql(["a", "b'"])).toBe("id IN ('a', 'b''')");
    expect(idsToSql([])).toBe("FALSE");
  });

  it("joins conditions, and is absent without any", () => {
    expect(toSql(undefined)).toBeUndefined();
    expect(toSql({})).toBeUndefined();
    expect(toSql({ docIds: ["a"], version: "v", minConfidence: 1e-7 })).toBe(
      "doc_id IN ('a') AND version = 'v' AND confidence >= CAST(1e-7 AS DOUBLE)",
    );
  });

  it("asks for the pages in between only when a split could skip them", () => {
    expect(toSql({ pages: { from: 3, to: 4 } })).toBe(
      "(page_first BETWEEN 3 AND 4 OR page_last BETWEEN 3 AND 4 OR (page_first < 3 AND page_last > 4 AND array_has_any(pages, [3, 4])))",
    );
    expect(toSql({ pages: { from: 1, to: 1_000_000 } })).not.toContain("array_has_any");
    expect(toSql({ pages: { from: 0, to: Number.MAX_SAFE_INTEGER } })).toContain("BETWEEN 0 AND 2147483647");
  });
});

describe("when to merge files", () => {
  const state = { rows: 1000, bytes: 5000, fragments: 1, indexed: 1000, unindexed: 0 };

  it("is immediately while the full-text index is empty", () => {
    expect(ranksWords({ ...state, indexed: 0, unindexed: 5 })).toBe(false);
    expect(isDue({ ...state, indexed: 0, unindexed: 5 })).toBe(true);
    expect(isDue({ rows: 0, bytes: 0, fragments: 0, indexed: 0, unindexed: 0 })).toBe(false);
  });

  it("removes old versions sooner when they take more than the budget", () => {
    expect(isOverBudget({ bytes: 1000 }, 2500, 500)).toBe(false);
    expect(isOverBudget({ bytes: 1000 }, 2501, 500)).toBe(true);
    expect(keptAge(600_000, false)).toBe(600_000);
    expect(keptAge(600_000, true)).toBe(10_000);
    expect(keptAge(0, true)).toBe(0);
  });

  it("allows more files for a larger table", () => {
    const files = (rows: number) =>
      Array.from({ length: 2000 }, (_, fragments) => fragments).find((fragments) =>
        isDue({ ...state, rows, fragments }),
      );
    expect([10, 1000, 10_000, 100_000, 1_000_000].map(files)).toEqual([16, 16, 50, 159, 500]);
  });

  it("is earlier at the end, but not for a few rows among many", () => {
    expect(isDueAtEnd({ ...state, fragments: 2, unindexed: 100 })).toBe(true);
    expect(isDueAtEnd({ rows: 100_000, bytes: 1000, fragments: 2, indexed: 99_900, unindexed: 100 })).toBe(
      false,
    );
    expect(isDueAtEnd(state)).toBe(false);
  });
});

describe("errors of LanceDB", () => {
  const call = { directory: "d", collection: "c", action: "writing points" };
  it.each([
    [
      "lance error: Retryable commit conflict for version 3: This CreateIndex transaction was preempted by concurrent transaction CreateIndex at version 3. Please retry., /usr/local/x/commit.rs:1:2",
      { code: "STORE_REFUSED", retryable: true },
    ],
    ["Table 'c' was not found", { code: "COLLECTION_NOT_FOUND", retryable: false }],
    ["write failed: No space left on device (os error 28)", { code: "STORE_UNREACHABLE" }],
    ["open: Permission denied (os error 13)", { code: "STORE_UNREACHABLE", retryable: false }],
    ["something new", { code: "STORE_REFUSED", retryable: false }],
  ])("%j", (message, expected) => {
    const error = toStoreError(new Error(message), call);
    expect(error).toMatchObject(expected);
    expect(error.message).not.toContain(".rs");
  });

  it("names the reason of a failure of the file system", () => {
    const error = toStoreError(new Error("write: No space left on device (os error 28), /x/y.rs:1:2"), call);
    expect(error.message).toBe(
      "d: writing points failed because the disk is full (write: No space left on device (os error 28))",
    );
  });
});
