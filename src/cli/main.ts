#!/usr/bin/env node
// Imports nothing of the package before it has checked the version: older ones of Node cannot load the rest.
import nodeModule from "node:module";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 20 || (major === 20 && minor >= 19)) {
  // From Node 22 on, what was compiled is kept for the next start.
  if ("enableCompileCache" in nodeModule && typeof nodeModule.enableCompileCache === "function")
    nodeModule.enableCompileCache();
  import("./run.js");
} else {
  process.stderr.write(`error: unsiloed-ingest needs Node 20.19 or newer, this is ${process.version}\n`);
  process.exitCode = 1;
}
