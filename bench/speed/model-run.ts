// Runs the bundled model in its own process: model-run.ts THREADS TEXTS
import { UseLiteEmbeddings } from "../../src/embeddings/local/use-lite.js";
import { stopwatch, tell } from "../support/child.js";
import { Random } from "../support/random.js";
import { readSentences } from "./workload.js";

const [, , threads, count] = process.argv;
const sentences = await readSentences();
const random = new Random(1);
const texts = Array.from({ length: Number(count) }, () =>
  [0, 1, 2].map(() => random.pick(sentences)).join(" "),
);
const embeddings = new UseLiteEmbeddings({ threads: Number(threads) });
// Starts the threads, which load the model.
await embeddings.embedDocuments(texts.slice(0, 64));
const stop = stopwatch();
await embeddings.embedDocuments(texts);
const { seconds, peakMb } = stop();
await embeddings.close();
tell({ textsPerSecond: texts.length / seconds, peakMb });
process.exit(0);
