// Imported whole, because webpack replaces a `createRequire` that is imported by name.
import nodeModule from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Where this module may be, or the bundle that it is part of. `import.meta.url` is empty in a CommonJS bundle of esbuild,
 * and in one of webpack it says where this module was when the bundle was built. `__filename` exists in both.
 */
const places = (): string[] => {
  const own: string | undefined = import.meta.url;
  const bundle = typeof __filename === "string" ? pathToFileURL(__filename).href : undefined;
  return [own, bundle].filter((place) => place !== undefined);
};

/**
 * Returns the file that an installed package is loaded from, or that of a path such as `name/package.json`.
 *
 * @throws what Node throws, with the code `MODULE_NOT_FOUND`
 */
export const resolveInstalled = (specifier: string): string => {
  let missing: unknown;
  for (const place of places()) {
    try {
      return nodeModule.createRequire(place).resolve(specifier);
    } catch (thrown) {
      missing ??= thrown;
    }
  }
  throw missing;
};

/** Loads the CommonJS form of a package as the module in a file would. */
export const requireAs = (file: string, specifier: string) => nodeModule.createRequire(file)(specifier);

/**
 * Returns the path of a file beside an entry point of this package where it is installed: a bundle has its modules, but
 * no other files.
 *
 * @param entry such as `unsiloed-ingest`
 * @throws what Node throws, with the code `MODULE_NOT_FOUND`, where this package is in a bundle and not installed
 */
export const besideEntry = (entry: string, file: string): string =>
  path.join(path.dirname(resolveInstalled(entry)), file);

/** Returns the path of a file of this package, from its top. @throws as {@link besideEntry} */
export const packageFile = (file: string): string => besideEntry("unsiloed-ingest/package.json", file);
