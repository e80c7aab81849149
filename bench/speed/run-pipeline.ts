// Runs one pipeline in its own process, so that peak memory and processor time are its own.
//
//   run-pipeline.ts PIPELINE PACE DOCUMENTS PARSE EMBED STORE
import { stopwatch, tell } from "../support/child.js";
import { isPace, LATENCIES } from "./latencies.js";
import { isPipeline, PIPELINES } from "./pipelines.js";

const [, , pipeline, pace, documents, parse = "", embed = "", store = ""] = process.argv;
if (!isPipeline(pipeline) || !isPace(pace)) throw new Error(`unknown pipeline or pace: ${pipeline}, ${pace}`);
const names = Array.from({ length: Number(documents) }, (_, index) => `document-${index + 1}.pdf`);
const collection = `bench-${process.pid}`;
const addresses = { parse, embed, store };
const begunAt = Date.now();
const stop = stopwatch();
const points = await PIPELINES[pipeline]({ addresses, pace: LATENCIES[pace], names, collection });
tell({ points, begunAt, ...stop() });
process.exit(0);
