// Bundles the page of `inspect` with what it uses, beside the server that sends it.
import path from "node:path";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  // The address of the page begins with a token, so that what it loads is named from where it is.
  base: "./",
  publicDir: false,
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: path.resolve(import.meta.dirname, "../../../dist/src/inspect/page"),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // Data URLs are no files of this server.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
});
