import path from "node:path";
import { parseArgs } from "node:util";
import { start } from "../support/child.js";
import { largeResult } from "./generate.js";

const MOST_MEMORY_MB = 250;
const LEAST_SPEED = 0.8;

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "1000" },
    "one-chunk": { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});
const size = Number(values.size);
if (!(size >= 1)) throw new Error(`--size: expected megabytes, got ${values.size}`);

const script = (name: string): string => path.join(import.meta.dirname, name);

/** Megabytes a second by the clock, and of processor time, which other work on the machine does not lengthen. */
interface Speed {
  clock: number;
  processor: number;
}

/** The speed of `JSON.parse`, on what one string can hold. */
const parseSpeed = async (): Promise<Speed> => {
  const slice = Buffer.concat([...(await largeResult(100)).pieces()]);
  const used = process.cpuUsage();
  const begun = performance.now();
  JSON.parse(slice.toString("utf8"));
  const clock = slice.length / 1e3 / (performance.now() - begun);
  const { user, system } = process.cpuUsage(used);
  return { clock, processor: slice.length / (user + system) };
};

const round = (value: number): string => value.toFixed(value < 10 ? 2 : 0);

const { child: server, told } = await start(
  script("serve.ts"),
  String(size),
  values["one-chunk"] ? "one-chunk" : "",
);
const bytes = Number(told.get("bytes"));
let failed = false;
console.log(`${round(bytes / 1e6)} MB, ${told.get("segments")} segments, from 127.0.0.1`);
console.log(
  "| read as | MB/s | `JSON.parse` | MB per processor second | `JSON.parse` | ratio | peak memory, MB |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- |");
for (const [how, name] of [
  ["no", "segments"],
  ["documents", "Documents"],
  ["words", "segments with their word boxes"],
] as const) {
  // Before and after, as other work on the machine comes and goes.
  const before = await parseSpeed();
  const { told: read, ended } = await start(script("read.ts"), String(told.get("url")), how);
  await ended;
  const after = await parseSpeed();
  const parsing = (before.processor + after.processor) / 2;
  const speed = bytes / 1e6 / Number(read.get("cpuSeconds"));
  const memory = Number(read.get("peakMb"));
  if (read.get("segments") !== told.get("segments"))
    throw new Error(`read ${read.get("segments")} segments of ${told.get("segments")}`);
  failed ||= memory > MOST_MEMORY_MB || speed < LEAST_SPEED * parsing;
  const cells = [
    bytes / 1e6 / Number(read.get("seconds")),
    (before.clock + after.clock) / 2,
    speed,
    parsing,
    speed / parsing,
    memory,
  ];
  console.log(`| ${name} | ${cells.map(round).join(" | ")} |`);
}
server.stdin?.end();
if (values.check && failed) {
  console.error(
    `expected at most ${MOST_MEMORY_MB} MB of memory and ${LEAST_SPEED} of the speed of JSON.parse by processor time`,
  );
  process.exitCode = 1;
}
