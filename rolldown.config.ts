// Bundles the compiled command with the packages that it uses, as the last step of the build. From their own files it
// would load a thousand modules before its first submission, which takes most of the time until then. Functions keep
// their names, so that stack traces are readable. Importing the package is not affected.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { defineConfig, type Plugin } from "rolldown";
import manifest from "./package.json" with { type: "json" };

const ROOT = import.meta.dirname;
const COMMAND = path.join(ROOT, "dist/src/cli");

/** The package with a binary, and those that the user may have left out. */
const EXTERNAL = ["lmdb", ...Object.keys(manifest.peerDependenciesMeta)];

/** Packages whose modules may be left out where nothing of them is used, which they do not declare. */
const WITHOUT_SIDE_EFFECTS = /node_modules\/(?:@langchain|langsmith|openai|p-queue|zod)\//;

/** Finds the directory of the package that a module belongs to. */
const packageOf = (module: string): string | undefined =>
  /.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module.replaceAll(path.sep, "/"))?.[0];

const noticeOf = (directory: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8"));
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
  const text =
    file === undefined ? `License: ${license}` : readFileSync(path.join(directory, file), "utf8").trim();
  return `${name} ${version}\n\n${text}\n`;
};

/** Writes the licences of what is bundled, which ask for their text. */
export const notices: Plugin = {
  name: "notices",
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
    const packages = new Set(modules.flatMap((id) => packageOf(id) ?? []));
    const source = [...packages]
      .sort()
      .map(noticeOf)
      .join(`\n${"-".repeat(80)}\n\n`);
    this.emitFile({ type: "asset", fileName: "THIRD-PARTY-NOTICES.txt", source });
  },
};

export default defineConfig({
  input: path.join(COMMAND, "run.js"),
  platform: "node",
  external: (id) => EXTERNAL.some((name) => id === name || id.startsWith(`${name}/`)),
  // Qdrant's client brings one of its own.
  resolve: { alias: { undici: path.join(ROOT, "node_modules/undici/index.js") } },
  treeshake: { moduleSideEffects: (id) => !WITHOUT_SIDE_EFFECTS.test(id.replaceAll(path.sep, "/")) },
  plugins: [notices],
  output: {
    dir: COMMAND,
    format: "esm",
    entryFileNames: "run.js",
    chunkFileNames: "chunks/[name]-[hash].js",
  },
});
