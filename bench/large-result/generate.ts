import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { propertyOf } from "../../src/internal/objects.js";

const REPORT = path.resolve(import.meta.dirname, "../../examples/data/annual-report.json");

/** A large result that repeats the sample report, and is never in memory as a whole. */
export interface LargeResult {
  bytes: number;
  segments: number;
  pieces(): Generator<Buffer>;
}

const isChunk = (value: unknown): value is { segments: unknown[] } =>
  Array.isArray(propertyOf(value, "segments"));

/**
 * @param megabytes approximate size, in millions of bytes
 * @param oneChunk whether all segments are in one chunk
 */
export const largeResult = async (megabytes: number, oneChunk = false): Promise<LargeResult> => {
  const report: unknown = JSON.parse(await readFile(REPORT, "utf8"));
  const { chunks, ...fields } = Object(report);
  if (!Array.isArray(chunks) || !chunks.every(isChunk)) throw new Error("the sample report has no chunks");
  const segments = chunks.flatMap((chunk) => chunk.segments);
  const one = Buffer.from((oneChunk ? segments : chunks).map((part) => JSON.stringify(part)).join(","));
  const [opening, closing] = oneChunk ? ['[{"chunk_id":"c","segments":[', "]}]"] : ["[", "]"];
  const head = Buffer.from(`${JSON.stringify(fields).slice(0, -1)},"chunks":${opening}`);
  const tail = Buffer.from(`${closing}}`);
  const copies = Math.max(1, Math.round((megabytes * 1e6 - head.length) / (one.length + 1)));
  const comma = Buffer.from(",");
  return {
    bytes: head.length + copies * (one.length + 1) - 1 + tail.length,
    segments: copies * segments.length,
    *pieces() {
      yield head;
      for (let copy = 0; copy < copies; copy++) {
        if (copy > 0) yield comma;
        yield one;
      }
      yield tail;
    },
  };
};

/** Serves a result as the parse API does, as fast as the client reads it. */
export const serve = async ({ bytes, pieces }: LargeResult): Promise<{ server: Server; url: string }> => {
  const server = createServer(async (_request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": bytes });
    for (const piece of pieces()) if (!response.write(piece)) await once(response, "drain");
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return { server, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}` };
};
