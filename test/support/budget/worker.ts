import { once } from "node:events";
import { PostgresCallWindow } from "../../../src/budget/postgres/postgres-call-window.js";
import { UnsiloedError } from "../../../src/errors.js";
import { UnsiloedClient } from "../../../src/parse-api/client.js";
import { ParseBudget } from "../../../src/parse-api/limits/parse-budget.js";

// One of several processes: asks for the status of a job as often as the shared budget lets it.

const [address = "", baseUrl = "", jobId = "", requests = "60", windowMs = "5000", takesMs = "10000"] =
  process.argv.slice(2);
const window = new PostgresCallWindow(address, { keyId: "shared" });
const budget = new ParseBudget({
  window,
  rateLimit: { requests: Number(requests), windowMs: Number(windowMs) },
});
const client = new UnsiloedClient({ apiKey: "key-of-workers", baseUrl, budget });

process.stdout.write("ready\n");
await once(process.stdin, "data");
const stop = AbortSignal.timeout(Number(takesMs));
let calls = 0;
const ask = async (): Promise<void> => {
  try {
    for (;;) {
      await client.getStatus(jobId, { signal: stop });
      calls++;
    }
  } catch (thrown) {
    if (!(thrown instanceof UnsiloedError) || thrown.code !== "ABORTED") throw thrown;
  }
};
await Promise.all([ask(), ask(), ask()]);
await window.close();
process.stdout.write(`${calls}\n`);
process.stdin.destroy();
