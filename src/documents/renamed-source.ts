import type { SegmentDocument } from "./metadata.js";
import type { DocumentSource } from "./source.js";

async function* renamed(documents: AsyncIterable<SegmentDocument>, source: string) {
  for await (const document of documents) {
    document.metadata.source = source;
    yield document;
  }
}

/**
 * Returns a source under the name that the user gave it, which its Documents have too, so that a document has the same
 * points however it was found again.
 */
export const renamedSource = (
  found: DocumentSource,
  { source, isDocIdChosen }: Pick<DocumentSource, "source" | "isDocIdChosen">,
): DocumentSource => ({
  source,
  docId: found.docId,
  file: found.file,
  isDocIdChosen,
  title: found.title,
  ...(found.identify && { identify: found.identify.bind(found) }),
  ...(found.countPages && { countPages: found.countPages.bind(found) }),
  read: (options) => (source === found.source ? found.read(options) : renamed(found.read(options), source)),
});
