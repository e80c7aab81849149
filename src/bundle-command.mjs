// Bundles the compiled command with the packages that it uses, as the last step of the build. From their own files it
// would load a thousand modules before its first submission, which takes most of the time until then. Functions keep
// their names, so that stack traces are readable. Importing the package is not affected.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { rolldown } from "rolldown";

const ROOT = path.resolve(import.meta.dirname, "..");
const COMMAND = path.join(ROOT, "dist/src/cli");

const { peerDependenciesMeta } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));

/** The package with a binary, and those that the user may have left out. */
const EXTERNAL = ["lmdb", ...Object.keys(peerDependenciesMeta)];

/** Packages whose modules may be left out where nothing of them is used, which they do not declare. */
const WITHOUT_SIDE_EFFECTS = /node_modules\/(?:@langchain|langsmith|openai|p-queue|zod)\//;

const bundle = await rolldown({
  input: path.join(COMMAND, "run.js"),
  platform: "node",
  external: (id) => EXTERNAL.some((name) => id === name || id.startsWith(`${name}/`)),
  // Qdrant's client brings one of its own.
  resolve: { alias: { undici: path.join(ROOT, "node_modules/undici/index.js") } },
  treeshake: { moduleSideEffects: (id) => !WITHOUT_SIDE_EFFECTS.test(id.replaceAll(path.sep, "/")) },
});
const { output } = await bundle.write({
  dir: COMMAND,
  format: "esm",
  entryFileNames: "run.js",
  chunkFileNames: "chunks/[name]-[hash].js",
});
await bundle.close();

/**
 * Finds the directory of the package that a module belongs to.
 *
 * @param {string} module
 */
const packageOf = (module) => {
  const end = /.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module.replaceAll(path.sep, "/"));
  return end?.[0];
};

// The licences of what is bundled ask for their text.
const modules = output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
const packages = new Set(modules.flatMap((id) => packageOf(id) ?? []));
const notices = [...packages].sort().map((directory) => {
  const { name, version, license } = JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8"));
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
  const text =
    file === undefined ? `License: ${license}` : readFileSync(path.join(directory, file), "utf8").trim();
  return `${name} ${version}\n\n${text}\n`;
});
writeFileSync(path.join(COMMAND, "THIRD-PARTY-NOTICES.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));
