import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { createDatabase } from "../../test/support/postgres.js";
import { writeFiles } from "../speed/command.js";
import { openServices } from "../speed/services/open.js";
import { writeResults } from "../speed/workload.js";
import { rounded } from "../support/outcome.js";
import { compareListing } from "./compare-listing.js";
import { measureWorkers, type WorkersFigures } from "./measure-workers.js";

// Workers share a queue of small documents, a ledger and a budget, with services that take no time: what is left is what
// sharing costs. All of them, PostgreSQL and the services run on this machine.

/** Segments of a document. */
const SEGMENTS = 5;
/** How much memory may grow from the second thousand of documents to the last. */
const MOST_GROWTH = 1.25;
/** Two workers must do this many times what one does; on two processors the services and PostgreSQL take a part. */
const LEAST_SPEEDUP = 1;
/** Keys that are compared in a second, at least. */
const LEAST_KEYS = 10_000;

const count = (initial: number) => z.coerce.number().int().min(1).default(initial);
const { values } = parseArgs({
  options: {
    documents: { type: "string" },
    workers: { type: "string", default: "1,2,4" },
    keys: { type: "string" },
    check: { type: "boolean", default: false },
  },
});
const { documents, keys } = z.object({ documents: count(10_000), keys: count(1_000_000) }).parse(values);
const numbers = z.array(count(1)).parse(values.workers.split(","));

const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-machines-"));
const results = path.join(directory, "results");
await writeResults(results, documents, SEGMENTS);
await writeFiles(path.join(directory, "docs"), documents);
const services = await openServices("free", results);
// PostgreSQL does not keep a process alive that waits for it.
const alive = setInterval(() => undefined, 1_000);
try {
  const measured: WorkersFigures[] = [];
  let address = "";
  for (const workers of numbers) {
    address = await createDatabase();
    measured.push(await measureWorkers({ directory, services, address, documents, workers }));
  }
  const [one] = measured;
  console.table(
    measured.map((figures) => ({
      workers: figures.workers,
      "documents/s": rounded(figures.documentsPerSecond),
      "times the first": rounded(figures.documentsPerSecond / (one?.documentsPerSecond ?? Number.NaN)),
      "CPU ms/document": rounded(figures.cpuMsPerDocument),
      "enqueued/s": rounded(figures.enqueuedPerSecond),
      "peak MB": rounded(figures.peakMb),
      "memory, late / early": rounded(figures.memoryGrowth),
    })),
  );
  const seconds = await compareListing(address, keys);
  console.log(`${keys} unchanged keys compared in ${rounded(seconds)} s (${rounded(keys / seconds)}/s)`);
  const two = measured.find(({ workers }) => workers === 2);
  const missed = [
    ...measured
      .filter(({ memoryGrowth }) => memoryGrowth > MOST_GROWTH)
      .map(
        ({ workers, memoryGrowth }) => `memory of ${workers} workers grows ${rounded(memoryGrowth)} times`,
      ),
    ...(one?.workers === 1 && two && two.documentsPerSecond < LEAST_SPEEDUP * one.documentsPerSecond
      ? ["two workers are slower than one"]
      : []),
    ...(keys / seconds < LEAST_KEYS ? [`fewer than ${LEAST_KEYS} keys a second`] : []),
  ];
  for (const target of missed) console.log(`MISSED: ${target}`);
  if (values.check && missed.length > 0) process.exitCode = 1;
} finally {
  clearInterval(alive);
  services.close();
  await rm(directory, { recursive: true, force: true });
}
