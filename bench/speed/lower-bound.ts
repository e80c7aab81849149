// Measures work that every pipeline has to do: the processor time of parsing the bytes and counting the tokens.
//
//   lower-bound.ts FILE…
import { readFile } from "node:fs/promises";
import { countTokens } from "../../src/internal/text/tokens.js";
import { stopwatch, tell } from "../support/child.js";
import { estimateTokens } from "./latencies.js";

interface Result {
  chunks: { segments: { markdown: string }[] }[];
}

countTokens("loads the tables of the encoding");
let texts = 0;
let tokens = 0;
let cpuSeconds = 0;
for (const file of process.argv.slice(2)) {
  const bytes = await readFile(file);
  const stop = stopwatch();
  const { chunks }: Result = Object(JSON.parse(bytes.toString("utf8")));
  const all = chunks.flatMap(({ segments }) => segments.map(({ markdown }) => markdown));
  for (const text of all) countTokens(text);
  cpuSeconds += stop().cpuSeconds;
  texts += all.length;
  tokens += estimateTokens(all);
}
tell({ texts, tokens, cpuSeconds });
