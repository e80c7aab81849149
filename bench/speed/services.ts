// Runs parse API, embedding service and store in their own process. A fourth address returns what they have counted
// since the last request to it; the end of stdin ends them all.
//
//   services.ts PACE DIRECTORY
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { startEmulator } from "../../src/emulator/server.js";
import { tell } from "../support/child.js";
import { embeddingService } from "./embedding-service.js";
import { isPace, LATENCIES } from "./latencies.js";
import { storeService } from "./store-service.js";

const [, , pace, directory = ""] = process.argv;
if (!isPace(pace)) throw new Error(`expected one of ${Object.keys(LATENCIES)}, got ${pace}`);
const latencies = LATENCIES[pace];

const listen = async (server: Server): Promise<string> => {
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
};

const emulator = await startEmulator({
  results: ({ fileName }) => path.join(directory, fileName.replace(/\.pdf$/, ".json")),
  delays: { processingMs: latencies.jobMs },
  renewIds: false,
});
const embedding = embeddingService(latencies);
const store = storeService(latencies);
const lag = monitorEventLoopDelay({ resolution: 5 });
lag.enable();
let seen = 0;

/** Returns the counts since the last call, and when the last job ended, in milliseconds since 1970. */
const takeCounts = () => {
  const jobs = emulator.jobs.slice(seen);
  seen = emulator.jobs.length;
  const lastEnd = Math.max(0, ...jobs.map(({ submittedAt }) => submittedAt + latencies.jobMs));
  const told = { lastEnd, ...embedding.counts, ...store.counts, lagMs: lag.percentile(99) / 1e6 };
  for (const counts of [embedding.counts, store.counts])
    for (const key of Object.keys(counts)) Reflect.set(counts, key, 0);
  lag.reset();
  return told;
};

const control = createServer((_request, response) => response.end(JSON.stringify(takeCounts())));
tell({
  parse: emulator.url,
  embed: `${await listen(embedding.server)}/v1`,
  store: await listen(store.server),
  control: await listen(control),
});
process.stdin.resume().on("end", () => process.exit(0));
