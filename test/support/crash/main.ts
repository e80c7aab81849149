import { parseArgs } from "node:util";
import { z } from "zod";
import { STORES } from "./services.js";
import { formatFindings, isClean, runSuite } from "./suite.js";

const USAGE = "npm run crash -- [--kills N] [--seed TEXT] [--store lancedb|qdrant|both] [--documents N]";

const optionsSchema = z.object({
  kills: z.coerce.number().int().min(1).default(208),
  documents: z.coerce.number().int().min(1).default(40),
  seed: z.string().min(1),
  store: z.enum([...STORES, "both"]).default("both"),
});

const readOptions = (): z.infer<typeof optionsSchema> => {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { kills: text, documents: text, seed: text, store: text } });
  return optionsSchema.parse({ seed: String(Date.now()), ...values });
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

let options: z.infer<typeof optionsSchema>;
try {
  options = readOptions();
} catch (thrown) {
  say(`${thrown instanceof z.ZodError ? z.prettifyError(thrown) : String(thrown)}\n${USAGE}`);
  process.exit(2);
}
const { store, ...rest } = options;
say(`seed: ${options.seed}`);
const startedAt = performance.now();
const findings = await runSuite({ ...rest, stores: store === "both" ? STORES : [store], say });
say(`${formatFindings(findings)}\ntook: ${((performance.now() - startedAt) / 1000).toFixed()} s`);
process.exitCode = isClean(findings) ? 0 : 1;
