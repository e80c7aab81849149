import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";
import { type Clock, systemClock } from "../../../src/internal/async/clock.js";
import { hashedVector } from "../hashed-vectors.js";
import { checkLimits, estimate, invalidInput, Refusal, type RequestLimits } from "./limits.js";
import { type OpenAIRates, RateCounter } from "./rates.js";

/** What happens to one request instead of the normal answer. */
export type OpenAIFault =
  | {
      kind: "error";
      status: number;
      code?: string;
      message?: string;
      param?: string;
      headers?: Record<string, string>;
    }
  /** The connection is reset before an answer. */
  | { kind: "reset" }
  /** The answer stops in the middle and the connection closes. */
  | { kind: "cut" }
  /** No answer, or none after the headers. */
  | { kind: "hang"; afterHeaders?: boolean }
  /** The answer is changed before it is sent. */
  | { kind: "answer"; change: (body: EmbeddingBody) => unknown };

export interface EmbeddingBody {
  object: "list";
  data: { object: "embedding"; index: number; embedding: number[] | string }[];
  model: string;
  usage: { prompt_tokens: number; total_tokens: number };
}

export interface OpenAIServerOptions {
  /** Dimensions when the request names none. @default 1536 */
  dimensions?: number;
  /** The accepted key. @default any */
  apiKey?: string;
  /** The known models. @default any */
  models?: string[];
  limits?: RequestLimits;
  /** Limits of the account; requests above them get 429. @default none */
  rates?: OpenAIRates;
  /** Latency of an answer in milliseconds; tokens are estimated as a quarter per byte. @default none */
  latency?: { perRequestMs?: number; perTokenMs?: number };
  clock?: Clock;
  /** Requests with a text that includes this are refused with 400. */
  poison?: string;
  /** Always answers in this format. */
  alwaysFormat?: "float" | "base64";
}

export interface LoggedRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
  inputs: string[];
  status: number | "broken";
}

const embeddingRequestSchema = z.object({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string())]),
  dimensions: z.number().int().min(1).optional(),
  encoding_format: z.enum(["float", "base64"]).default("float"),
});

const chatRequestSchema = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
});

const readJson = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  } catch {
    throw new Refusal(400, "We could not parse the JSON body of your request.");
  }
};

/** A server on 127.0.0.1 with OpenAI's `/v1/embeddings` and its limits, and a minimal `/v1/chat/completions`. */
export class OpenAIServer {
  /** Every request, in the order of arrival. */
  readonly requests: LoggedRequest[] = [];
  /** Each applies to one request, in order; `undefined` lets one pass. */
  readonly faults: (OpenAIFault | undefined)[] = [];
  /** Address to give to a client, `/v1` included; kept after `close()`. */
  baseURL = "";
  /** The maximum number of embedding requests that were open at once. */
  mostAtOnce = 0;
  #open = 0;
  readonly #options: OpenAIServerOptions;
  readonly #rates: RateCounter;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  private constructor(options: OpenAIServerOptions) {
    this.#options = options;
    this.#rates = new RateCounter(options.rates ?? {});
  }

  static async start(options: OpenAIServerOptions = {}): Promise<OpenAIServer> {
    const server = new OpenAIServer(options);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    const address = server.#server.address();
    if (address && typeof address === "object") server.baseURL = `http://127.0.0.1:${address.port}/v1`;
    return server;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const logged: LoggedRequest = {
      path: request.url ?? "",
      headers: request.headers,
      body: {},
      inputs: [],
      status: "broken",
    };
    this.requests.push(logged);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#open);
    response.once("close", () => this.#open--);
    try {
      logged.body = await readJson(request);
      const fault = this.faults.shift();
      if (fault?.kind === "error") {
        for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
        const { status, code = null, message = "injected", param = null } = fault;
        throw new Refusal(status, message, { code, param });
      }
      this.#authorize(request);
      const body = await this.#answer(logged, response);
      logged.status = fault && fault.kind !== "answer" ? "broken" : 200;
      send(response, fault?.kind === "answer" ? fault.change(body as EmbeddingBody) : body, fault);
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) return void response.destroy();
      logged.status = thrown.status;
      const { type = "invalid_request_error", code = null, param = null } = thrown.details;
      response.writeHead(thrown.status, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: thrown.message, type, param, code } }));
    }
  }

  #authorize(request: IncomingMessage): void {
    const given = request.headers.authorization?.replace("Bearer ", "") ?? "";
    if (this.#options.apiKey === undefined || given === this.#options.apiKey) return;
    throw new Refusal(401, `Incorrect API key provided: ${given}.`, { code: "invalid_api_key" });
  }

  async #answer(logged: LoggedRequest, response: ServerResponse): Promise<unknown> {
    if (logged.path === "/v1/embeddings") return this.#embed(logged, response);
    if (logged.path === "/v1/chat/completions") return chat(logged.body);
    throw new Refusal(404, `Invalid URL (POST ${logged.path})`);
  }

  /** Reads the quotas before the latency, so that the headers are outdated when they arrive, like OpenAI's. */
  #countRates(tokens: number, response: ServerResponse): void {
    const now = (this.#options.clock ?? systemClock).now();
    const exceeded = this.#rates.take(tokens, now);
    for (const [name, value] of Object.entries(this.#rates.headers(now))) response.setHeader(name, value);
    if (!exceeded) return;
    throw new Refusal(429, `Rate limit reached on ${exceeded} per min`, {
      type: exceeded,
      code: "rate_limit_exceeded",
    });
  }

  async #embed(logged: LoggedRequest, response: ServerResponse): Promise<EmbeddingBody> {
    const { latency = {}, clock = systemClock, alwaysFormat, dimensions: ordinary = 1536 } = this.#options;
    const { limits, poison } = this.#options;
    const parsed = embeddingRequestSchema.safeParse(logged.body);
    if (!parsed.success) throw new Refusal(400, "'$.input' is invalid. Please check the API reference.");
    const { model, input, dimensions = ordinary, encoding_format } = parsed.data;
    logged.inputs = typeof input === "string" ? [input] : input;
    if (this.#options.models?.includes(model) === false) {
      throw new Refusal(404, `The model \`${model}\` does not exist`, { code: "model_not_found" });
    }
    checkLimits(logged.inputs, limits);
    const tokens = estimate(logged.inputs);
    this.#countRates(tokens, response);
    if (poison !== undefined && logged.inputs.some((text) => text.includes(poison)))
      throw invalidInput("'$.input' is invalid. Please check the API reference.");
    const waitMs = (latency.perRequestMs ?? 0) + (latency.perTokenMs ?? 0) * tokens;
    if (waitMs > 0) await clock.delay(waitMs);
    const asBase64 = (alwaysFormat ?? encoding_format) === "base64";
    const data = logged.inputs.map((text, index) => {
      const vector = hashedVector(text, dimensions);
      const embedding = asBase64 ? Buffer.from(vector.buffer).toString("base64") : Array.from(vector);
      return { object: "embedding" as const, index, embedding };
    });
    return { object: "list", data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
  }
}

const send = (response: ServerResponse, body: unknown, fault: OpenAIFault | undefined): void => {
  const text = JSON.stringify(body);
  if (fault?.kind === "reset") return void response.socket?.resetAndDestroy();
  if (fault?.kind === "hang" && !fault.afterHeaders) return;
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  if (fault?.kind === "hang") return void response.flushHeaders();
  if (fault?.kind !== "cut") return void response.end(text);
  response.write(text.slice(0, text.length / 2), () => response.destroy());
};

/** Answers every chat with its last message, so that a test can see what a chain or an agent sent. */
const chat = (body: Record<string, unknown>): unknown => {
  const parsed = chatRequestSchema.safeParse(body);
  if (!parsed.success) throw new Refusal(400, "Invalid 'messages'.", { param: "messages" });
  const { model, messages } = parsed.data;
  return {
    id: "chatcmpl-echo",
    object: "chat.completion",
    created: 0,
    model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: `You said: ${messages.at(-1)?.content}` },
        finish_reason: "stop",
      },
    ],
    usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  };
};
