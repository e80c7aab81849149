import { createServer } from "node:http";
import pLimit from "p-limit";
import { Refusal } from "../../../test/support/qdrant-double/refusal.js";
import { QdrantStore } from "../../../test/support/qdrant-double/routes.js";
import { readBody, sendJson } from "./exchange.js";
import { type Latencies, pause } from "./latencies.js";

const MOST_BYTES = 32 * 1024 * 1024;
const PAYLOAD = Buffer.from('"payload":{');
const DOC_ID = Buffer.from('"doc_id":"');
const QUOTE = 0x22;

/** Finds a text in the bytes of a request, because parsing 8 MB of numbers would take longer than most pipelines. */
function* occurrences(bytes: Buffer, text: Buffer): Generator<number> {
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) yield at;
}

/**
 * Simulates a Qdrant server that counts points without keeping them: by request, and by the documents that their
 * payloads name. Writing an id twice counts twice. Points are applied one request after the other, as on one shard.
 * Collections and indexes are those of the test double; a listing finds nothing.
 */
export const storeService = (pace: Latencies) => {
  const store = new QdrantStore({
    version: "1.19.0",
    strictMode: false,
    bucket: undefined,
    servers: 1,
    now: Date.now,
  });
  const applying = pLimit(1);
  const counts = { storeRequests: 0, storePoints: 0, storeBytes: 0 };
  /** Requests by what they ask for. */
  const calls = new Map<string, number>();
  /** Points by collection and document; those without a document under an empty id. */
  const documents = new Map<string, Map<string, number>>();

  const upsert = async (collection: string, bytes: Buffer): Promise<unknown> => {
    if (bytes.length > MOST_BYTES)
      throw new Refusal(400, `JSON payload (${bytes.length} bytes) is larger than allowed`);
    const points = [...occurrences(bytes, PAYLOAD)].length;
    const own = documents.get(collection) ?? new Map<string, number>();
    documents.set(collection, own);
    let named = 0;
    for (const at of occurrences(bytes, DOC_ID)) {
      const start = at + DOC_ID.length;
      const docId = bytes.toString("utf8", start, bytes.indexOf(QUOTE, start));
      own.set(docId, (own.get(docId) ?? 0) + 1);
      named += 1;
    }
    own.set("", (own.get("") ?? 0) + points - named);
    counts.storePoints += points;
    const waitMs = points * pace.storePointMs;
    if (waitMs > 0) await applying(() => pause(waitMs));
    return { operation_id: counts.storeRequests, status: "completed" };
  };

  /** Counts the points of the documents that the filter names, or all. */
  const count = (collection: string, body: string): number => {
    const isNamed = (id: string) => body.includes(JSON.stringify(id));
    const all = [...(documents.get(collection) ?? [])];
    const named = body.includes('"filter"') ? all.filter(([id]) => isNamed(id)) : all;
    return named.reduce((sum, [, points]) => sum + points, 0);
  };

  /** Counts the points of each document that the filter names. */
  const countBy = (collection: string, body: string): { value: string; count: number }[] =>
    [...(documents.get(collection) ?? [])]
      .filter(([id]) => body.includes(JSON.stringify(id)))
      .map(([value, count]) => ({ value, count }));

  const answer = async (method: string, url: URL, bytes: Buffer): Promise<unknown> => {
    const path = url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
    const called = `${method} ${path.slice(2).join("/") || (path[0] ?? "/")}`;
    calls.set(called, (calls.get(called) ?? 0) + 1);
    if (called === "PUT points") return upsert(path[1] ?? "", bytes);
    if (called === "POST points/count") return { count: count(path[1] ?? "", bytes.toString()) };
    if (called === "POST facet") return { hits: countBy(path[1] ?? "", bytes.toString()) };
    const body: unknown = bytes.length > 0 ? JSON.parse(bytes.toString()) : undefined;
    return store.answer({ method, path, query: url.searchParams, body });
  };

  const server = createServer(async (request, response) => {
    const bytes = await readBody(request);
    const { method = "GET", url = "/" } = request;
    counts.storeRequests += 1;
    counts.storeBytes += bytes.length;
    await pause(pace.storeRequestMs);
    try {
      const result = await answer(method, new URL(url, "http://store"), bytes);
      sendJson(response, 200, url === "/" ? result : { result, status: "ok", time: 0 });
    } catch (thrown) {
      const { status, message } =
        thrown instanceof Refusal ? thrown : { status: 500, message: String(thrown) };
      sendJson(response, status, { status: { error: message }, time: 0 });
    }
  });
  return { server, counts, calls };
};
