// Loaded with `--import` before a program: tells what its process has used when it ends, on file descriptor 3.
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

if (isMainThread)
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    const peakMb = process.resourceUsage().maxRSS / 1_000;
    writeSync(3, JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakMb }));
  });
