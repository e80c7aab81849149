import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { UnsiloedResultLoader } from "../../../loaders/result-loader.js";
import { DIALECTS } from "../../../src/parse-api/jobs/dialects.js";
import { openResult } from "../../../src/parse-api/results/in-memory.js";
import { streamResult } from "../../../src/parse-api/results/result-reader.js";
import {
  collect,
  errorOf,
  openService,
  smallResult,
  temporaryDirectory,
} from "../../support/parse-service.js";

const inMemory = (value: object) => collect(openResult(value, { name: "r.json" }).chunks);

async function* bytesOf(value: object): AsyncGenerator<Uint8Array> {
  yield Buffer.from(JSON.stringify(value));
}

const streamed = async (value: object) =>
  collect((await streamResult(bytesOf(value), { name: "r.json" })).parts);

/** Puts totals before the chunks or after them, since a result may have either. */
const withTotals = (pages: number, totals: object): object[] => [
  { ...totals, ...smallResult(pages) },
  { ...smallResult(pages), ...totals },
];

describe.each([
  ["in memory", inMemory],
  ["that is streamed", streamed],
])("a result %s", (_name, read) => {
  it("with fewer chunks than it says is refused with both numbers", async () => {
    for (const result of withTotals(2, { total_chunks: 22, page_count: 5 })) {
      const error = await errorOf(read(result));
      expect(error).toMatchObject({ code: "INCOMPLETE_RESULT", retryable: false });
      expect(error.message).toBe(
        "r.json: holds only 2 of 22 chunks and ends at page 2 of 5; what is stored of the document stays as it is; " +
          "fetch the result again",
      );
    }
    for (const chunks of [[], null]) {
      const error = await errorOf(read({ total_chunks: 3, chunks }));
      expect(error.message).toContain("holds only 0 of 3 chunks;");
    }
  });

  it("that counts its chunks in a text is refused all the same", async () => {
    for (const result of withTotals(2, { total_chunks: "9" }))
      expect((await errorOf(read(result))).message).toContain("holds only 2 of 9 chunks;");
  });

  it("is never refused for its pages alone, which may be blank or not asked for", async () => {
    for (const result of withTotals(2, { page_count: 5 })) expect(await read(result)).toHaveLength(2);
  });

  it("is complete when all its chunks arrived, although its last pages are blank", async () => {
    for (const result of withTotals(2, { total_chunks: 2, page_count: 5 }))
      expect(await read(result)).toHaveLength(2);
    for (const totals of [
      { total_chunks: 1 },
      { total_chunks: null, page_count: null },
      { total_chunks: "2", page_count: "5" },
      { total_chunks: "nine", page_count: -1 },
      { page_count: 2 },
      {},
    ])
      for (const result of withTotals(2, totals)) expect(await read(result)).toHaveLength(2);
  });
});

describe.each(DIALECTS)("a short result in the dialect %s", (dialect) => {
  const short = { ...smallResult(2), total_chunks: 9 };

  it.each(["body", "url"] as const)(
    "is refused when it is fetched by %s, with its job",
    async (resultVia) => {
      const { client, emulator } = await openService({ results: short, dialect });
      const jobId = emulator.addJob();
      const error = await errorOf(
        client.readResult(jobId, { resultVia }).then(({ chunks }) => collect(chunks)),
      );
      expect(error).toMatchObject({ code: "INCOMPLETE_RESULT", context: { jobId } });
      expect(error.message).toContain(`result of job ${jobId}: holds only 2 of 9 chunks`);
      // The response was complete, so it is not requested again.
      expect(emulator.requests.filter(({ on }) => on === "result")).toHaveLength(1);
    },
  );

  it("is refused after a broken connection as well", async () => {
    const { client, emulator } = await openService({
      results: short,
      dialect,
      faults: [{ on: "result", fault: "cut", times: 2 }],
    });
    const { chunks } = await client.readResult(emulator.addJob());
    expect((await errorOf(collect(chunks))).code).toBe("INCOMPLETE_RESULT");
    expect(emulator.requests).toHaveLength(3);
  });
});

describe("a short result that was saved", () => {
  it("is refused as a file, as bytes and as an object", async () => {
    const result = { ...smallResult(2), total_chunks: 9 };
    const file = path.join(await temporaryDirectory(), "short.json");
    await writeFile(file, JSON.stringify(result));
    for (const input of [file, Buffer.from(JSON.stringify(result)), result]) {
      const error = await errorOf(new UnsiloedResultLoader(input).load());
      expect([error.code, error.message]).toEqual([
        "INCOMPLETE_RESULT",
        expect.stringContaining("2 of 9 chunks"),
      ]);
    }
  });
});
