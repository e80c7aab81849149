#!/usr/bin/env node
// Imports nothing before it has checked the version: older ones of Node cannot load the rest.

export {};

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 20 || (major === 20 && minor >= 19)) {
  import("./run.js");
} else {
  process.stderr.write(`error: unsiloed-ingest needs Node 20.19 or newer, this is ${process.version}\n`);
  process.exitCode = 1;
}
