// The least code that does what any pipeline has to do: fetch results as jobs end, parse them, pack the texts of segments
// to 400 tokens, embed and store them. All documents at once, without structure, identity or record.
import { readFile } from "node:fs/promises";
import path from "node:path";
import pLimit from "p-limit";
import { request } from "undici";
import { numbersOf } from "../../../src/internal/numbers/float32.js";
import { countTokens } from "../../../src/internal/text/tokens.js";
import { estimateTokens, MOST_INPUTS, MOST_TOKENS } from "../services/latencies.js";
import { KEY, type Pipeline, type Work } from "./work.js";

const CHUNK_SIZE = 400;
/** Points in one request and requests in flight, as in `QdrantSink`. */
const BATCH = 128;
const WRITES = 3;

interface Result {
  chunks: { segments: { markdown: string; page_number: number }[] }[];
}

interface Piece {
  text: string;
  page: number;
}

const post = async (url: string, body: unknown, method: "POST" | "PUT" = "POST"): Promise<string> => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${KEY}` };
  const answer = await request(url, { method, headers, body: JSON.stringify(body) });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${url}: ${text}`);
  return text;
};

const fetchResult = async (file: string, { addresses, pace }: Work): Promise<Result> => {
  const headers = { "api-key": KEY };
  const form = new FormData();
  form.append("file", new Blob([await readFile(file)]), path.basename(file));
  const submitted = await fetch(`${addresses.parse}/parse`, { method: "POST", headers, body: form });
  const { job_id } = Object(await submitted.json());
  const job = `${addresses.parse}/parse/${job_id}`;
  for (;;) {
    const answer = await request(`${job}?include_chunks=false`, { headers });
    const { status } = Object(await answer.body.json());
    if (status === "Succeeded") break;
    await new Promise((resolve) => setTimeout(resolve, pace.pollMs));
  }
  const answer = await request(job, { headers });
  return Object(JSON.parse(await answer.body.text()));
};

/** Packs segments into texts of at most 400 tokens; a longer one is cut between its lines. */
const pack = ({ chunks }: Result): Piece[] => {
  const pieces: Piece[] = [];
  let last: Piece | undefined;
  let room = 0;
  const add = (text: string, page: number): void => {
    const tokens = countTokens(text);
    if (tokens > CHUNK_SIZE && text.includes("\n")) {
      for (const line of text.split("\n")) add(line, page);
      return;
    }
    if (last && tokens < room) {
      last.text += `\n${text}`;
      room -= tokens + 1;
      return;
    }
    last = { text, page };
    pieces.push(last);
    room = CHUNK_SIZE - tokens;
  };
  for (const { segments } of chunks)
    for (const { markdown, page_number } of segments) add(markdown, page_number);
  return pieces;
};

/** Embeds texts of all documents in requests that are as full as the limits allow once one may start. */
const openEmbeddings = ({ addresses, pace }: Work) => {
  const waiting: { text: string; settle: (vector: Float32Array) => void; fail: (reason: unknown) => void }[] =
    [];
  let inFlight = 0;

  const send = async (): Promise<void> => {
    let tokens = 0;
    const fitting = waiting.slice(0, MOST_INPUTS).findIndex(({ text }) => {
      tokens += estimateTokens([text]);
      return tokens > MOST_TOKENS;
    });
    const taken = waiting.splice(0, fitting < 0 ? MOST_INPUTS : fitting);
    try {
      const input = taken.map(({ text }) => text);
      const body = { model: "text-embedding-3-small", input, encoding_format: "base64" };
      const { data } = Object(JSON.parse(await post(`${addresses.embed}/embeddings`, body)));
      for (const { index, embedding } of data) {
        // A copy is aligned, and does not keep the pool that small buffers are parts of.
        const bytes = new Uint8Array(Buffer.from(embedding, "base64"));
        taken[index]?.settle(new Float32Array(bytes.buffer));
      }
    } catch (thrown) {
      for (const { fail } of taken) fail(thrown);
    }
  };

  const start = (): void => {
    while (waiting.length > 0 && inFlight < pace.embedInFlight) {
      inFlight += 1;
      void send().finally(() => {
        inFlight -= 1;
        start();
      });
    }
  };

  return (texts: readonly string[]): Promise<Float32Array[]> => {
    const vectors = texts.map(
      (text) => new Promise<Float32Array>((settle, fail) => waiting.push({ text, settle, fail })),
    );
    setImmediate(start);
    return Promise.all(vectors);
  };
};

const store = async (work: Work, read: () => readonly (() => Promise<Result>)[]): Promise<number> => {
  const url = `${work.addresses.store}/collections/${work.collection}`;
  await post(url, { vectors: { size: 1536, distance: "Cosine" } }, "PUT");
  const embed = openEmbeddings(work);
  const writing = pLimit(WRITES);
  let points = 0;
  await Promise.all(
    read().map(async (readResult) => {
      const pieces = pack(await readResult());
      const vectors = await embed(pieces.map(({ text }) => text));
      for (let start = 0; start < pieces.length; start += BATCH) {
        await writing(() => {
          const batch = pieces.slice(start, start + BATCH).map(({ text, page }, index) => ({
            id: points + index,
            vector: numbersOf(vectors[start + index] ?? []),
            payload: { content: text, metadata: { page } },
          }));
          points += batch.length;
          return post(`${url}/points?wait=true`, { points: batch }, "PUT");
        });
      }
    }),
  );
  return points;
};

export const floor: Pipeline = (work) =>
  store(work, () => work.files.map((file) => () => fetchResult(file, work)));

/** Reads saved results instead of submitting files. */
export const floorResults: Pipeline = (work) =>
  store(work, () => work.results.map((file) => async () => Object(JSON.parse(await readFile(file, "utf8")))));
