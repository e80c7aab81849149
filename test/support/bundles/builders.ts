import path from "node:path";
import { build as buildWithEsbuild } from "esbuild";
import { build as buildWithVite } from "vite";

/** Bundles a program for Node into a directory; packages that are external are loaded from where it runs. */
export type Build = (program: string, directory: string, external: string[]) => Promise<unknown>;

const esbuild =
  (format: "esm" | "cjs", ending: ".mjs" | ".cjs"): Build =>
  (program, outdir, external) =>
    buildWithEsbuild({
      entryPoints: [program],
      bundle: true,
      platform: "node",
      logLevel: "silent",
      outExtension: { ".js": ending },
      ...{ outdir, external, format },
    });

const vite: Build = (program, outDir, external) =>
  buildWithVite({
    configFile: false,
    logLevel: "error",
    root: path.dirname(program),
    ssr: { noExternal: true },
    build: { ssr: program, outDir, rolldownOptions: { external, output: { entryFileNames: "[name].mjs" } } },
  });

export const BUILDERS = {
  "esbuild as ES module": esbuild("esm", ".mjs"),
  "esbuild as CommonJS": esbuild("cjs", ".cjs"),
  "Vite for servers": vite,
} satisfies Record<string, Build>;
