// Search, filter, and name the exact place of every hit.
import { formatCitations, SegmentRetriever } from "unsiloed-ingest/retrieval";
import { filledStore, withDirectory } from "./support/offline.js";

await withDirectory(async (directory) => {
  const { sink, embeddings, close } = await filledStore(directory);
  const question = "lost-time injury rate target for 2026";

  const anywhere = new SegmentRetriever({ sink, embeddings, k: 3 });
  console.log(formatCitations(await anywhere.invoke(question)));

  const tables = new SegmentRetriever({
    sink,
    embeddings,
    k: 1,
    filter: { segmentTypes: ["Table"], pages: { from: 5, to: 5 } },
  });
  for (const { pageContent, metadata } of await tables.invoke(question)) {
    console.log(`\n${pageContent}\n`, metadata.boxes);
  }

  // The hit is a part of the table. Expanded, it is the whole table, with the boxes of all parts.
  const whole = new SegmentRetriever({ sink, embeddings, k: 1, expand: { to: "table", maxTokens: 4000 } });
  for (const { pageContent, metadata } of await whole.invoke("power of Larch East")) {
    console.log(
      `\n${pageContent.split("\n").length} lines, pages`,
      new Set(metadata.boxes.map((box) => box.page_number)),
    );
  }
  await close();
});
