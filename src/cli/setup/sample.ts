import { createRequire } from "node:module";
import path from "node:path";

/** Returns the path of the saved result of the sample report, which the package contains. */
export const sampleFile = (): string =>
  path.join(
    path.dirname(createRequire(import.meta.url).resolve("unsiloed-ingest/package.json")),
    "examples/data/annual-report.json",
  );
