// How fast the package is, and where:
// npm run bench -- [--only NAME] [--documents N] [--pipeline NAME] [--small] [--runs N] [--json] [--check]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { large } from "./large-result/large.js";
import { growth } from "./speed/growth.js";
import { model } from "./speed/model.js";
import { PIPELINES, type Profile } from "./speed/pipeline-names.js";
import { profile } from "./speed/profile.js";
import { smallDocuments } from "./speed/small-documents.js";
import { stages } from "./speed/stages.js";
import { startUp } from "./speed/start.js";
import { markdown, type Outcome } from "./support/outcome.js";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    small: { type: "boolean", default: false },
    runs: { type: "string", default: "3" },
    documents: { type: "string" },
    pipeline: { type: "string", multiple: true },
    json: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});
const { small } = values;
const runs = small ? 1 : Number(values.runs);
if (!(runs >= 1)) throw new Error(`--runs: expected a number of runs, got ${values.runs}`);
const documents = values.documents === undefined ? undefined : Number(values.documents);
if (documents !== undefined && !(documents >= 1))
  throw new Error(`--documents: expected a number of documents, got ${values.documents}`);
const pipelines: readonly string[] = Object.values(PIPELINES).flat();
for (const name of values.pipeline ?? [])
  if (!pipelines.includes(name))
    throw new Error(`--pipeline: expected one of ${[...new Set(pipelines)].join(", ")}, got ${name}`);
const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-bench-"));

/** Measures a profile, on few and small documents where `--small` is given. */
const measureProfile = (which: Profile, usual: number): Promise<Outcome> =>
  profile({
    profile: which,
    pace: which === "waiting" && small ? "small" : which,
    documents: documents ?? (small ? 2 : usual),
    segments: small ? 10 : 250,
    runs,
    pipelines: values.pipeline,
    directory: path.join(directory, which),
  });

/** The measurements, in the order in which they run. */
const BENCHES: Record<string, () => Promise<Outcome>> = {
  free: () => measureProfile("free", 120),
  waiting: () => measureProfile("waiting", 40),
  start: () => startUp({ runs: small ? 1 : Math.max(runs, 9), directory: path.join(directory, "start") }),
  "small-documents": () =>
    smallDocuments({
      documents: documents ?? (small ? 20 : 10_000),
      directory: path.join(directory, "small-documents"),
    }),
  large: () => large({ size: small ? 1 : 1_000 }),
  growth: () =>
    small
      ? growth({ sizes: [20, 40], segments: 10, directory })
      : growth({ sizes: [1_000, 10_000, 100_000], segments: 250, directory }),
  stages: () =>
    small
      ? stages({ documents: 1, segments: 50, repeats: 1, directory })
      : stages({ documents: 4, segments: 250, repeats: 9, directory }),
  model: () => model(small ? 8 : 500),
};
const names = values.only ?? Object.keys(BENCHES);
const outcomes: Record<string, Outcome> = {};
try {
  for (const name of names) {
    const bench = BENCHES[name];
    if (!bench) throw new Error(`--only: expected one of ${Object.keys(BENCHES).join(", ")}, got ${name}`);
    const outcome = await bench();
    outcomes[name] = outcome;
    if (!values.json) console.log(markdown(outcome));
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
if (values.json) console.log(JSON.stringify(outcomes));
if (values.check && Object.values(outcomes).some(({ missed }) => missed.length > 0)) process.exitCode = 1;
