import type { SegmentDocument } from "../../src/documents/metadata.js";
import { SegmentConverter } from "../../src/documents/to-document.js";

/** Makes the Documents of a table as a loader does, under its heading and caption if it has them. */
export const documentsOf = (
  name: string,
  html: string,
  around: { heading?: string; caption?: string } = {},
): SegmentDocument[] => {
  const converter = new SegmentConverter({ source: name, docId: name, jobId: null });
  const parts = [
    { segment_type: "SectionHeader", markdown: around.heading && `## ${around.heading}` },
    { segment_type: "Caption", content: around.caption },
    { segment_type: "Table", html, content: "words of the table" },
  ];
  return parts.flatMap((part, index) => {
    const isAbsent = (part.markdown ?? part.content) === undefined;
    const place = { segment_id: `${name}-${index}`, page_number: 1, page_width: 1000, page_height: 1400 };
    return isAbsent ? [] : [converter.convert({ ...part, ...place }, null)];
  });
};
