import { createServer } from "node:http";
import pLimit from "p-limit";
import { Random } from "../../support/random.js";
import { readBody, send } from "./exchange.js";
import { DIMENSIONS, estimateTokens, type Latencies, MOST_INPUTS, MOST_TOKENS, pause } from "./latencies.js";

/** Vectors that the answers repeat. They have no meaning. */
const DISTINCT = 64;
const HEAD = Buffer.from('{"object":"list","model":"m","data":[');

/** Prints the entries of the fullest answer, because an answer to fewer texts is the beginning of it. */
const makeEntries = () => {
  const random = new Random(1);
  const vectors = Array.from({ length: DISTINCT }, () => {
    const raw = Float32Array.from({ length: DIMENSIONS }, () => random.next() - 0.5);
    const length = Math.sqrt(raw.reduce((sum, value) => sum + value * value, 0));
    return Buffer.from(raw.map((value) => value / length).buffer).toString("base64");
  });
  const pieces: Buffer[] = [];
  const ends: number[] = [];
  let length = 0;
  for (let index = 0; index < MOST_INPUTS; index++) {
    const comma = index > 0 ? "," : "";
    const vector = vectors[index % DISTINCT];
    const entry = Buffer.from(`${comma}{"object":"embedding","index":${index},"embedding":"${vector}"}`);
    pieces.push(entry);
    length += entry.length;
    ends.push(length);
  }
  return { bytes: Buffer.concat(pieces), ends };
};

/**
 * Serves OpenAI's `/v1/embeddings` with its limits and set latencies, in base64 as all clients here ask for. Answers are
 * printed beforehand, so that the service takes little processor time from the pipelines.
 */
export const embeddingService = (pace: Latencies) => {
  const entries = makeEntries();
  const inFlight = pLimit(pace.embedInFlight);
  const counts = { embedRequests: 0, embedTexts: 0 };
  const server = createServer(async (request, response) => {
    const asked = Object(JSON.parse((await readBody(request)).toString()));
    const input: string[] = Array.isArray(asked.input) ? asked.input : [asked.input];
    const tokens = estimateTokens(input);
    const end = entries.ends[input.length - 1];
    if (end === undefined || tokens > MOST_TOKENS || asked.encoding_format !== "base64") {
      const message = `${input.length} inputs, ${tokens} tokens, format ${asked.encoding_format}`;
      return send(response, 400, [Buffer.from(JSON.stringify({ error: { message } }))]);
    }
    counts.embedRequests += 1;
    counts.embedTexts += input.length;
    const waitMs = pace.embedRequestMs + pace.embedTokenMs * tokens;
    if (waitMs > 0) await inFlight(() => pause(waitMs));
    const tail = Buffer.from(`],"usage":{"prompt_tokens":${tokens},"total_tokens":${tokens}}}`);
    return send(response, 200, [HEAD, entries.bytes.subarray(0, end), tail]);
  });
  return { server, counts };
};
