import { createServer, type IncomingMessage } from "node:http";
import pLimit from "p-limit";
import { z } from "zod";
import { Random } from "../support/random.js";
import { DIMENSIONS, estimateTokens, type Latencies, MOST_INPUTS, MOST_TOKENS } from "./latencies.js";

export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
};

const requestSchema = z.object({
  input: z.union([z.string().transform((text) => [text]), z.array(z.string())]),
  encoding_format: z.enum(["float", "base64"]).default("float"),
});

/** Vectors that are ready to be sent, because making one for each text would lengthen the set latency. */
const makeVectors = (count: number) => {
  const random = new Random(1);
  return Array.from({ length: count }, () => {
    const raw = Float32Array.from({ length: DIMENSIONS }, () => random.next() - 0.5);
    const length = Math.sqrt(raw.reduce((sum, value) => sum + value * value, 0));
    const vector = raw.map((value) => value / length);
    return {
      base64: JSON.stringify(Buffer.from(vector.buffer).toString("base64")),
      float: JSON.stringify(Array.from(vector)),
    };
  });
};

/** Serves OpenAI's `/v1/embeddings` with its limits and set latencies. The vectors have no meaning. */
export const embeddingService = (pace: Latencies) => {
  const vectors = makeVectors(64);
  const inFlight = pLimit(pace.embedInFlight);
  const counts = { embedRequests: 0, embedTexts: 0, embedTokens: 0 };
  const server = createServer(async (request, response) => {
    const { input, encoding_format } = requestSchema.parse(JSON.parse((await readBody(request)).toString()));
    const tokens = estimateTokens(input);
    if (input.length > MOST_INPUTS || tokens > MOST_TOKENS) {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: `${input.length} inputs, ${tokens} tokens` } }));
      return;
    }
    counts.embedRequests += 1;
    counts.embedTexts += input.length;
    counts.embedTokens += tokens;
    const waitMs = pace.embedRequestMs + pace.embedTokenMs * tokens;
    await inFlight(() => new Promise((resolve) => setTimeout(resolve, waitMs)));
    const data = input.map((_, index) => {
      const vector = vectors[(counts.embedTexts + index) % vectors.length]?.[encoding_format];
      return `{"object":"embedding","index":${index},"embedding":${vector}}`;
    });
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      `{"object":"list","model":"m","usage":{"prompt_tokens":${tokens},"total_tokens":${tokens}},"data":[${data.join(",")}]}`,
    );
  });
  return { server, counts };
};
