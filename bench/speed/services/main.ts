// Runs parse API, embedding service and store in their own process. A fourth address returns what they have counted
// since the last request to it; the end of stdin ends them all.
//
//   main.ts PACE DIRECTORY
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { tell } from "../../support/child.js";
import { embeddingService } from "./embedding-service.js";
import { sendJson } from "./exchange.js";
import { isPace, LATENCIES } from "./latencies.js";
import { parseService } from "./parse-service.js";
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

const parse = parseService(latencies, directory);
const embedding = embeddingService(latencies);
const store = storeService(latencies);
const lag = monitorEventLoopDelay({ resolution: 5 });
lag.enable();
let used = process.cpuUsage();

/** Returns the counts and the processor time of all services since the last call. */
const takeCounts = () => {
  const { user, system } = process.cpuUsage(used);
  used = process.cpuUsage();
  const told = {
    ...parse.counts,
    ...embedding.counts,
    ...store.counts,
    calls: Object.fromEntries(store.calls),
    servicesCpuSeconds: (user + system) / 1e6,
    lagMs: lag.percentile(99) / 1e6,
  };
  for (const counts of [parse.counts, embedding.counts, store.counts])
    for (const key of Object.keys(counts)) Reflect.set(counts, key, 0);
  store.calls.clear();
  lag.reset();
  return told;
};

const control = createServer((_request, response) => sendJson(response, 200, takeCounts()));
tell({
  parse: await listen(parse.server),
  embed: `${await listen(embedding.server)}/v1`,
  store: await listen(store.server),
  control: await listen(control),
});
process.stdin.resume().on("end", () => process.exit(0));
