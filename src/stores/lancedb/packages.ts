import { createRequire } from "node:module";
import { importOptional } from "../../internal/optional-import.js";

export type LanceDb = typeof import("@lancedb/lancedb");
export type Arrow = typeof import("apache-arrow");

/**
 * Loads LanceDB, 185 MB of it, when it is first needed.
 *
 * Arrow is taken from where LanceDB takes it: an `import` would load its other build, whose schemas and tables
 * LanceDB does not recognise.
 */
export const loadPackages = (): Promise<{ lancedb: LanceDb; arrow: Arrow }> =>
  importOptional(
    async () => {
      const lancedb = await import("@lancedb/lancedb");
      const lancedbFile = createRequire(import.meta.url).resolve("@lancedb/lancedb");
      const arrow: Arrow = createRequire(lancedbFile)("apache-arrow");
      return { lancedb, arrow };
    },
    "LanceDbSink",
    "@lancedb/lancedb apache-arrow",
  );
