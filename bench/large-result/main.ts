// Measures reading a result of any size: npm run bench:large -- [--size MEGABYTES] [--one-chunk] [--check]
import { parseArgs } from "node:util";
import { markdown } from "../support/outcome.js";
import { large } from "./large.js";

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "1000" },
    "one-chunk": { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});
const size = Number(values.size);
if (!(size >= 1)) throw new Error(`--size: expected megabytes, got ${values.size}`);
const outcome = await large({ size, oneChunk: values["one-chunk"] });
console.log(markdown(outcome));
if (values.check && outcome.missed.length > 0) process.exitCode = 1;
