// The client, in its own process, so that its peak memory is that of reading one result.
import { UnsiloedClient } from "../../src/parse-api/client.js";

const [url = "", words = "no"] = process.argv.slice(2);
const client = new UnsiloedClient({ apiKey: "bench", baseUrl: url });
const begun = performance.now();
const used = process.cpuUsage();
let segments = 0;
if (words === "documents") {
  // As loaders read, without waiting for a job.
  const { SegmentConverter } = await import("../../src/documents/to-document.js");
  const { info, chunks } = await client.readResult("bench");
  const converter = new SegmentConverter({ source: "bench", docId: "bench", jobId: info.jobId });
  for await (const { chunkId, segments: some } of chunks)
    for (const segment of some) {
      converter.convert(segment, chunkId);
      segments += 1;
    }
} else {
  const { chunks } = await client.readResult("bench", {
    words: words === "words" || words === "packed",
    packWords: words === "packed",
  });
  for await (const chunk of chunks) segments += chunk.segments.length;
}
const seconds = (performance.now() - begun) / 1_000;
const { user, system } = process.cpuUsage(used);
process.stdout.write(
  `${JSON.stringify({ segments, seconds, cpuSeconds: (user + system) / 1e6, peakMb: process.resourceUsage().maxRSS / 1_000 })}\n`,
);
