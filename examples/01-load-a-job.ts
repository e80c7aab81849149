// Wait for a parse job and turn every segment into a LangChain Document.
import { UnsiloedJobLoader } from "unsiloed-ingest/loaders";
import { startParseApi } from "./support/offline.js";

const { client, emulator } = await startParseApi();
// With a real account: `const client = new UnsiloedClient()` reads UNSILOED_API_KEY, and the path is your file.
const { jobId } = await client.submitFile({
  name: "annual-report.pdf",
  data: new TextEncoder().encode("%PDF-1.7"),
});

const loader = new UnsiloedJobLoader(jobId, { client, filter: {} });
for await (const { pageContent, metadata } of loader.lazyLoad()) {
  const { page_number, bbox, segment_type, confidence } = metadata;
  console.log(page_number, segment_type, confidence, JSON.stringify(bbox), pageContent.slice(0, 60));
}
console.log(loader.counts);
await emulator.close();
