// Turns a checkout of a public data set into a set for the benchmark: npx tsx bench/corpus/convert/main.ts SET CHECKOUT OUT
import { Argument, Command } from "commander";
import { readLegalQuad } from "./legalquad.js";
import { readMedQuad } from "./medquad.js";
import { readPubMedQa } from "./pubmedqa.js";
import { type SourceSet, writeSet } from "./source-set.js";
import { readXquad } from "./xquad.js";

/** Draws the questions; another seed makes another set. */
const SEED = 7;

const READERS: Record<string, (checkout: string, seed: number) => Promise<SourceSet>> = {
  legalquad: readLegalQuad,
  medquad: readMedQuad,
  pubmedqa: readPubMedQa,
  xquad: readXquad,
};

const program = new Command("convert")
  .description("Turns a checkout of a public data set into a set for bench:corpus.")
  .addArgument(new Argument("<set>", "the data set").choices(Object.keys(READERS)))
  .argument("<checkout>", "a directory with the files of its repository")
  .argument("<out>", "the directory to write, in place of what is there")
  .parse();

const [name = "", checkout = "", out = ""] = program.args;
const set = await READERS[name]?.(checkout, SEED);
if (set) {
  await writeSet(set, out);
  console.log(`${out}: ${set.documents.length} documents, ${set.questions.length} questions, seed ${SEED}`);
}
