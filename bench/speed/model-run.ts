// Runs the bundled model in its own process: model-run.ts TEXTS
import { StaticEmbeddings } from "../../src/embeddings/local/static-embeddings.js";
import { stopwatch, tell } from "../support/child.js";
import { Random } from "../support/random.js";
import { readSentences } from "./workload.js";

const [, , count] = process.argv;
const sentences = await readSentences();
const random = new Random(1);
const texts = Array.from({ length: Number(count) }, () =>
  [0, 1, 2].map(() => random.pick(sentences)).join(" "),
);
const embeddings = new StaticEmbeddings();
const first = stopwatch();
await embeddings.embedQuery("How much is the proposed dividend per share?");
const { cpuSeconds: firstSeconds } = first();
const all = stopwatch();
await embeddings.embedFloats(texts);
const { cpuSeconds, peakMb } = all();
tell({ firstCpuMs: firstSeconds * 1000, textsPerCpuSecond: texts.length / cpuSeconds, peakMb });
