// Bundles the page of `inspect` with what it uses, beside the server that sends it.
import { cpSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { notices } from "../../../rolldown.config.js";

const outDir = path.resolve(import.meta.dirname, "../../../dist/src/inspect/page");
const pdfjs = path.dirname(fileURLToPath(import.meta.resolve("pdfjs-dist/package.json")));

export default defineConfig({
  root: import.meta.dirname,
  // The address of the page begins with a token, so that what it loads is named from where it is.
  base: "./",
  publicDir: false,
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [
    notices,
    {
      name: "decoders of PDF files",
      // pdf.js loads them by name when a file needs one: pictures in JBIG2 and JPEG 2000, and color profiles.
      closeBundle: () =>
        cpSync(path.join(pdfjs, "wasm"), path.join(outDir, "pdf/wasm"), {
          recursive: true,
          filter: (file) => !file.endsWith("fallback.js"),
        }),
    },
  ],
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // Data URLs are no files of this server.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
});
