import { createRequire } from "node:module";
import { importOptional } from "../../internal/optional-import.js";

export type LanceDb = typeof import("@lancedb/lancedb");
export type Arrow = typeof import("apache-arrow");

/**
 * Loads LanceDB, which has 185 MB, when it is first needed.
 *
 * Arrow is required from LanceDB's own location: an `import` would load Arrow's other build, whose schemas and tables
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
