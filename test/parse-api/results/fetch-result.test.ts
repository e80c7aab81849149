import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import type { ParsedChunk } from "../../../src/documents/result.js";
import { UnsiloedClient } from "../../../src/parse-api/client.js";
import type { UnsiloedClientOptions } from "../../../src/parse-api/client-options.js";
import { AutoAdvanceClock } from "../../support/clocks/auto-advance-clock.js";
import { fakeTimers } from "../../support/clocks/fake-timers.js";
import { listen } from "../../support/listen.js";
import { API_KEY, collect, errorOf, openService, smallResult } from "../../support/parse-service.js";

type Handler = (request: IncomingMessage, response: ServerResponse, asked: number) => void;

/** Starts a server whose responses break where the test says. */
const serve = async (handle: Handler, options: UnsiloedClientOptions = {}) => {
  const seen: { url: string; apiKey: unknown }[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? "", apiKey: request.headers["api-key"] });
    handle(request, response, seen.length);
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  const clock = new AutoAdvanceClock();
  const client = new UnsiloedClient({ apiKey: API_KEY, baseUrl: url, clock, random: () => 0.5, ...options });
  return { client, seen, url };
};

const segment = (id: string, content = `Text ${id}`) => ({
  segment_id: id,
  segment_type: "Text",
  page_number: 1,
  content,
});

const chunk = (id: string, ...segments: object[]) => ({ chunk_id: id, segments });

const RESULT = {
  job_id: "j",
  status: "Succeeded",
  chunks: [
    chunk("a", segment("1"), segment("2")),
    chunk("b"),
    chunk("c", segment("3")),
    chunk("d", segment("4"), segment("5")),
  ],
  page_count: 7,
  total_chunks: 4,
};

const readAll = async (client: UnsiloedClient): Promise<ParsedChunk[]> =>
  collect((await client.readResult("j")).chunks);

/** Sends this many bytes of a response, and closes the connection. */
const breakOff = (response: ServerResponse, text: string, bytes: number): void => {
  response.writeHead(200, { "content-length": Buffer.byteLength(text) });
  response.write(Buffer.from(text).subarray(0, bytes), () => response.destroy());
};

describe("a result whose connection breaks", () => {
  it("continues after the last returned chunk, for any point of the break", async () => {
    const text = JSON.stringify(RESULT);
    const { client: whole } = await serve((_request, response) => response.end(text));
    const expected = await readAll(whole);
    expect(expected).toHaveLength(4);
    for (let bytes = 1; bytes < text.length; bytes += 13) {
      const { client, seen } = await serve((_request, response, asked) => {
        if (asked === 3) response.end(text);
        else breakOff(response, text, Math.floor(bytes / (3 - asked)));
      });
      const { info, chunks } = await client.readResult("j");
      expect(await collect(chunks)).toEqual(expected);
      expect(info).toEqual({ jobId: "j", state: "Succeeded", fileName: null, pageCount: 7 });
      expect(seen).toHaveLength(3);
    }
  });

  it("continues in the middle of a large chunk, although addresses of pictures change each time", async () => {
    const segments = Array.from({ length: 9 }, (_, index) => segment(`${index}`, "x".repeat(400_000)));
    const textOf = (asked: number) =>
      JSON.stringify({
        chunks: [
          chunk(
            "a",
            ...segments.map((one) => ({ ...one, image: `https://b.example/${"i".repeat(asked * 999)}` })),
          ),
        ],
      });
    const { client, seen } = await serve((_request, response, asked) => {
      const text = textOf(asked);
      if (asked === 2) response.end(text);
      else breakOff(response, text, text.length - 900_000);
    });
    const all = await readAll(client);
    expect(all.flatMap((part) => part.segments.map(({ segment_id }) => segment_id))).toEqual(
      segments.map(({ segment_id }) => segment_id),
    );
    expect(all.length).toBeGreaterThan(2);
    expect(seen).toHaveLength(2);
  });

  it("is refused when the result has changed", async () => {
    const others = [
      { ...RESULT, chunks: [chunk("a", segment("1"), segment("2", "changed")), ...RESULT.chunks.slice(1)] },
      { ...RESULT, total_chunks: 1, chunks: RESULT.chunks.slice(0, 1) },
      { ...RESULT, total_chunks: 0, chunks: [] },
    ];
    const text = JSON.stringify(RESULT);
    for (const other of others) {
      const { client } = await serve((_request, response, asked) => {
        if (asked === 2) response.end(JSON.stringify(other));
        else breakOff(response, text, text.length - 40);
      });
      const error = await errorOf(readAll(client));
      expect(error).toMatchObject({ code: "INVALID_RESULT", retryable: false, context: { jobId: "j" } });
      expect(error.message).toContain("another result than before");
    }
  });

  it("gives up after the client's attempts, and names the position that was reached", async () => {
    const text = JSON.stringify(RESULT);
    const { client, seen } = await serve((_request, response) => response.end(text.slice(0, -60)), {
      retry: { attempts: 3 },
    });
    const error = await errorOf(readAll(client));
    expect(error.message).toContain(`ends at byte ${text.length - 60}, after chunks[3].segments[0]`);
    expect(seen).toHaveLength(3);
  });

  it("does not multiply attempts when the service cannot be reached", async () => {
    const { client, seen } = await serve((_request, response) => response.destroy(), {
      retry: { attempts: 3 },
    });
    expect((await errorOf(client.readResult("j"))).code).toBe("SERVICE_UNAVAILABLE");
    expect(seen).toHaveLength(3);
  });
});

describe("the connection of a result", () => {
  const endless = async (options: UnsiloedClientOptions = {}) => {
    let closed = 0;
    const service = await serve((_request, response) => {
      response.on("close", () => {
        closed += 1;
      });
      response.write('{"chunks":[');
      const more = (): void => {
        while (
          !response.destroyed &&
          response.write(`${JSON.stringify(chunk("a", segment("1")))},`.repeat(99))
        );
      };
      response.on("drain", more);
      more();
    }, options);
    return {
      ...service,
      closedOnce: async () => {
        while (closed === 0) await new Promise(setImmediate);
      },
    };
  };

  it("is closed when its reader stops", async () => {
    const { client, closedOnce } = await endless();
    const { chunks } = await client.readResult("j");
    for await (const { segments } of chunks) {
      expect(segments).toHaveLength(1);
      break;
    }
    await closedOnce();
  });

  it("is closed at once when aborted, between chunks and while waiting", async () => {
    const { client, closedOnce } = await endless();
    const controller = new AbortController();
    const { chunks } = await client.readResult("j", { signal: controller.signal });
    const reading = async () => {
      for await (const _chunk of chunks) controller.abort();
    };
    expect((await errorOf(reading())).code).toBe("ABORTED");
    await closedOnce();

    const waiting = new AbortController();
    const { client: slow } = await serve((_request, response) => response.write('{"chunks":[{}'));
    const result = await slow.readResult("j", { signal: waiting.signal });
    const next = errorOf(collect(result.chunks));
    setImmediate(() => waiting.abort());
    expect((await next).code).toBe("ABORTED");
  });

  it("counts the time of waiting for bytes, not that of the reader", async () => {
    const timers = fakeTimers();
    const resultTimeoutMs = 60_000;
    const pieces = JSON.stringify(RESULT).split(/(?<=\]\},)/);
    let answer: ServerResponse | undefined;
    const serveFirst = (_request: IncomingMessage, response: ServerResponse): void => {
      answer = response;
      response.write(pieces.shift());
    };
    const { client } = await serve(serveFirst, { resultTimeoutMs });
    const { chunks } = await client.readResult("j");
    const seen: (string | null)[] = [];
    for await (const { chunkId } of chunks) {
      seen.push(chunkId);
      timers.advance(resultTimeoutMs);
      setImmediate(() => {
        timers.advance(1_000);
        const next = pieces.shift();
        if (next === undefined) answer?.end();
        else answer?.write(next);
      });
    }
    expect(seen).toEqual(["a", "b", "c", "d"]);
  });
});

describe("a result read from its address", () => {
  it("is fetched without the key, from a new address in each attempt", async () => {
    const { client, emulator } = await openService({
      results: smallResult(3, 2),
      faults: [
        { on: "output", fault: "cut" },
        { on: "output", fault: { status: 403, body: "expired" } },
      ],
    });
    const { info, chunks } = await client.readResult(emulator.addJob(), { resultVia: "url" });
    expect(await collect(chunks)).toHaveLength(3);
    expect(info.state).toBe("Succeeded");
    expect(
      emulator.requests.map(({ on, query, headers }) => [on, query["output_file"], headers.apiKey]),
    ).toEqual(
      [1, 2, 3].flatMap(() => [
        ["result", "true", true],
        ["output", undefined, false],
      ]),
    );
  });

  it("is found in the result, or beside it as until March 2026", async () => {
    const text = JSON.stringify(RESULT);
    for (const nested of [true, false]) {
      const { client, seen } = await serve((request, response, asked) => {
        const file = { output_file_url: `http://${request.headers.host}/file` };
        const answer = { status: "Succeeded", ...(nested ? { result: file, output_file_url: null } : file) };
        response.end(asked === 1 ? JSON.stringify(answer) : text);
      });
      const { chunks } = await client.readResult("j", { resultVia: "url" });
      expect(await collect(chunks)).toHaveLength(4);
      expect(seen.map(({ url }) => url)).toEqual(["/parse/j?output_file=true", "/file"]);
    }
  });

  it("is compared with what the answer with its address says", async () => {
    const { client } = await serve((request, response, asked) => {
      const result = { output_file_url: `http://${request.headers.host}/file` };
      const answer = { status: "completed", total_chunks: 6, result };
      response.end(JSON.stringify(asked === 1 ? answer : { chunks: RESULT.chunks }));
    });
    const { chunks } = await client.readResult("j", { resultVia: "url" });
    expect((await errorOf(collect(chunks))).message).toContain("holds only 4 of 6 chunks");
  });

  it("reports that there is none", async () => {
    const { client, emulator } = await openService({ states: ["Processing"] });
    const early = await errorOf(client.readResult(emulator.addJob(), { resultVia: "url" }));
    expect(early.message).toContain("(Processing) without its result");
    const { client: plain } = await serve((_request, response) => response.end('{"status":"Succeeded"}'));
    const error = await errorOf(plain.readResult("j", { resultVia: "url" }));
    expect(error).toMatchObject({ code: "INVALID_RESULT", context: { jobId: "j" } });
    expect(error.message).toContain("output_file_url: expected string, got nothing");
  });

  it("contains no key, also when the result says why the job failed", async () => {
    for (const status of ["Failed", "Cancelled"])
      for (const resultVia of ["body", "url"] as const) {
        const answer = { status, message: `the key ${API_KEY} may not read it` };
        const { client } = await serve((_request, response) => response.end(JSON.stringify(answer)));
        const error = await errorOf(client.readResult("j", { resultVia }));
        expect(error.message).toContain("the key [api key] may not read it");
      }
  });

  it("is not fetched through a redirect to a forbidden address", async () => {
    const { client, seen } = await serve((request, response, asked) => {
      if (asked === 1)
        response.end(
          JSON.stringify({ status: "Succeeded", output_file_url: `http://${request.headers.host}/file` }),
        );
      else response.writeHead(302, { location: "file:///etc/passwd" }).end();
    });
    const error = await errorOf(client.readResult("j", { resultVia: "url" }));
    expect(error.code).toBe("UNSAFE_ADDRESS");
    expect(seen.map(({ apiKey }) => apiKey)).toEqual([API_KEY, undefined]);
  });
});
