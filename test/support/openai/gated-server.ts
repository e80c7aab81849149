import { setImmediate } from "node:timers/promises";
import { afterEach } from "vitest";
import { PackedOpenAIEmbeddings, type PackedOpenAIOptions } from "../../../src/embeddings/openai/index.js";
import { GateClock } from "../clocks/gate-clock.js";
import { hashedVector } from "../hashed-vectors.js";
import { OpenAIServer } from "./server.js";

export const SEED = Number(process.env["SEED"] ?? Date.now() % 1e9);
export const DIMENSIONS = 8;

const servers: OpenAIServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Starts a server that answers once the gate opens, so that earlier calls must wait. Closes it after the test. */
export const openGated = async (options: PackedOpenAIOptions = {}) => {
  const gate = new GateClock();
  const server = await OpenAIServer.start({
    dimensions: DIMENSIONS,
    poison: "POISON",
    latency: { perRequestMs: 1 },
    clock: gate,
  });
  servers.push(server);
  const embeddings = new PackedOpenAIEmbeddings({
    apiKey: "sk-test",
    baseURL: server.baseURL,
    concurrency: 1,
    ...options,
  });
  const sizes = () => server.requests.map(({ inputs }) => inputs.length);
  return { gate, server, embeddings, sizes };
};

export const vectorsOf = (texts: readonly string[]) =>
  texts.map((text) => [...hashedVector(text, DIMENSIONS)]);
export const textsOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`);
/** Waits until a call has queued its texts, which takes one turn of the event loop when the packages are loaded. */
export const queued = setImmediate;

/** Counts how often each text was in an answered request, which is paid for. */
export const timesPaid = (server: OpenAIServer) => {
  const times = new Map<string, number>();
  for (const { inputs } of server.requests.filter(({ status }) => status === 200))
    for (const text of inputs) times.set(text, (times.get(text) ?? 0) + 1);
  return times;
};
