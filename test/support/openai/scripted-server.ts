import { createServer, type IncomingHttpHeaders } from "node:http";
import { hashedVector } from "../hashed-vectors.js";
import { listen } from "../listen.js";

export interface ScriptedRequest {
  /** Path and query. */
  path: string;
  headers: IncomingHttpHeaders;
  inputs: string[];
  body: Record<string, unknown>;
}

export interface ScriptedAnswer {
  status?: number;
  /** Sent as it is if it is a text, else as JSON. */
  body: unknown;
  /** @default "application/json", "text/html" for a text */
  type?: string;
}

/** Answers as a server does that knows only numbers. */
export const floats = ({ inputs, body }: ScriptedRequest, dimensions = 8): ScriptedAnswer => ({
  body: {
    object: "list",
    data: inputs.map((text, index) => ({ index, embedding: [...hashedVector(text, dimensions)] })),
    model: body["model"],
  },
});

/** Starts a server on 127.0.0.1 that answers as a test says, until the test ends. Its `origin` lacks a path. */
export const startScripted = async (answer: (request: ScriptedRequest) => ScriptedAnswer) => {
  const requests: ScriptedRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body: Record<string, unknown> = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const input = body["input"];
    const inputs = Array.isArray(input) ? input.map(String) : [];
    const asked = { path: request.url ?? "", headers: request.headers, inputs, body };
    requests.push(asked);
    const { status = 200, body: answered, type } = answer(asked);
    const isText = typeof answered === "string";
    response.writeHead(status, { "content-type": type ?? (isText ? "text/html" : "application/json") });
    response.end(isText ? answered : JSON.stringify(answered));
  });
  return { origin: `http://127.0.0.1:${await listen(server)}`, requests };
};
