import { createServer } from "node:http";
import pLimit from "p-limit";
import { Refusal } from "../../test/support/qdrant-double/refusal.js";
import { QdrantStore } from "../../test/support/qdrant-double/routes.js";
import { readBody } from "./embedding-service.js";
import type { Latencies } from "./latencies.js";

const MOST_BYTES = 32 * 1024 * 1024;
const PAYLOAD = Buffer.from('"payload":{');
const DOC_ID = Buffer.from('"doc_id":"');
const QUOTE = 0x22;

/** Finds a text in the bytes of a request, because parsing 15 MB of numbers would lengthen the set latency. */
function* occurrences(bytes: Buffer, text: Buffer): Generator<number> {
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) yield at;
}

const delay = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Simulates a Qdrant server that counts points without keeping them. Each request has a set latency, and points are
 * applied one request after the other, as on one shard. Collections and indexes are those of the test double.
 */
export const storeService = (pace: Latencies) => {
  const store = new QdrantStore({ version: "1.19.0", strictMode: false, bucket: undefined });
  const applying = pLimit(1);
  const counts = { storeRequests: 0, storePoints: 0, storeBytes: 0 };
  /** Points by collection and document. */
  const documents = new Map<string, Map<string, number>>();

  const upsert = async (collection: string, bytes: Buffer): Promise<unknown> => {
    if (bytes.length > MOST_BYTES)
      throw new Refusal(400, `JSON payload (${bytes.length} bytes) is larger than allowed`);
    const points = [...occurrences(bytes, PAYLOAD)].length;
    const own = documents.get(collection) ?? new Map<string, number>();
    documents.set(collection, own);
    for (const at of occurrences(bytes, DOC_ID)) {
      const start = at + DOC_ID.length;
      const docId = bytes.toString("utf8", start, bytes.indexOf(QUOTE, start));
      own.set(docId, (own.get(docId) ?? 0) + 1);
    }
    counts.storePoints += points;
    counts.storeBytes += bytes.length;
    await applying(() => delay(points * pace.storePointMs));
    return { operation_id: counts.storeRequests, status: "completed" };
  };

  /** Counts the points of the document that the filter names. */
  const count = (collection: string, filter: string): number => {
    const named = [...(documents.get(collection) ?? [])].filter(([id]) =>
      filter.includes(JSON.stringify(id)),
    );
    return named.reduce((sum, [, points]) => sum + points, 0);
  };

  const answer = async (method: string, url: URL, bytes: Buffer): Promise<unknown> => {
    const path = url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
    const called = `${method} ${path.slice(2).join("/")}`;
    if (called === "PUT points") return upsert(path[1] ?? "", bytes);
    if (called === "POST points/count") return { count: count(path[1] ?? "", bytes.toString()) };
    const body: unknown = bytes.length > 0 ? JSON.parse(bytes.toString()) : undefined;
    return store.answer({ method, path, query: url.searchParams, body });
  };

  const server = createServer(async (request, response) => {
    const bytes = await readBody(request);
    const { method = "GET", url = "/" } = request;
    counts.storeRequests += 1;
    await delay(pace.storeRequestMs);
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    try {
      const result = await answer(method, new URL(url, "http://store"), bytes);
      send(200, url === "/" ? result : { result, status: "ok", time: 0 });
    } catch (thrown) {
      const { status, message } =
        thrown instanceof Refusal ? thrown : { status: 500, message: String(thrown) };
      send(status, { status: { error: message }, time: 0 });
    }
  });
  return { server, counts };
};
