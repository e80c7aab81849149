import { readFile } from "node:fs/promises";
import path from "node:path";
import { messageOf, UnsiloedError } from "../../errors.js";
import { requireAs, resolveInstalled } from "../../internal/installed.js";
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
      const lancedb = await import("@lancedb/lancedb").catch(explain);
      const arrow: Arrow = requireAs(resolveInstalled("@lancedb/lancedb"), "apache-arrow");
      return { lancedb, arrow };
    },
    "LanceDbSink",
    "@lancedb/lancedb apache-arrow",
  );

/** @throws UnsiloedError `MISSING_PACKAGE` where LanceDB has no binary for the platform; else what was thrown */
const explain = (cause: unknown): never => {
  if (!/native binding/i.test(messageOf(cause))) throw cause;
  const platform = `${process.platform}-${process.arch}`;
  throw new UnsiloedError(
    "MISSING_PACKAGE",
    `LanceDB has no binary for ${platform} in this installation; it publishes none for Intel Macs: use Qdrant there (QdrantSink, --store qdrant:URL). Elsewhere run "npm install" again without --omit=optional and without a lock file of another platform`,
    { cause },
  );
};

/** Returns the version of LanceDB. */
export const packageVersion = async (): Promise<string> => {
  // Its package.json is not among what it exports.
  const main = resolveInstalled("@lancedb/lancedb");
  const { version }: { version: string } = JSON.parse(
    await readFile(path.join(path.dirname(main), "../package.json"), "utf8"),
  );
  return version;
};
