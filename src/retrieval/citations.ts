import type { DocumentInterface } from "@langchain/core/documents";
import { unionBox } from "../documents/bbox.js";
import type { PageBox, SplitMetadata } from "../documents/metadata.js";
import type { BBox } from "../documents/segment.js";

/** One numbered source of an answer, exact enough to highlight it on the page. */
export interface Citation {
  /** From 1, in the order of the Documents. */
  number: number;
  source: string;
  segment_type: string;
  page_number: number;
  /** Every place the text stands, line by line where words are known, in pixels of its page. */
  boxes: PageBox[];
  section_path: string[];
  confidence: number | null;
}

type Citable = DocumentInterface<SplitMetadata>;

export const citationsOf = (documents: readonly Citable[]): Citation[] =>
  documents.map(({ metadata }, index) => ({
    number: index + 1,
    source: metadata.source,
    segment_type: metadata.segment_type,
    page_number: metadata.page_number,
    boxes: metadata.boxes,
    section_path: metadata.section_path,
    confidence: metadata.confidence,
  }));

const formatBox = (bbox: BBox | null): string =>
  bbox ? `[${[bbox.left, bbox.top, bbox.width, bbox.height].map(Math.round).join(", ")}]` : "[no box]";

/**
 * `report.pdf, page 3, box [110, 48, 320, 18] › Results`: where a Document stands, on one line, with one box a page
 * around all that it has there.
 */
export const formatLocation = ({ metadata }: Citable): string => {
  const pages = new Map<number, (BBox | null)[]>();
  for (const { page_number, bbox } of metadata.boxes) {
    const boxes = pages.get(page_number);
    if (boxes) boxes.push(bbox);
    else pages.set(page_number, [bbox]);
  }
  const places = [...pages].map(([page, boxes]) => `page ${page}, box ${formatBox(unionBox(boxes))}`);
  const section = metadata.section_path.length > 0 ? ` › ${metadata.section_path.join(" › ")}` : "";
  return `${metadata.source}, ${places.join("; ") || `page ${metadata.page_number}`}${section}`;
};

/**
 * A numbered list of sources: file, page, box and section, a line each.
 *
 * @example
 * ```ts
 * formatCitations(await retriever.invoke("dividend per share"));
 * // [1] annual-report.pdf, page 1, box [110, 428, 962, 82] › Annual Report › Chair's statement
 * ```
 */
export const formatCitations = (documents: readonly Citable[]): string =>
  documents.map((document, index) => `[${index + 1}] ${formatLocation(document)}`).join("\n");

/** Documents as numbered context for a prompt; the numbers are those of `formatCitations`. */
export const formatContext = (documents: readonly Citable[]): string =>
  documents
    .map((document, index) => `[${index + 1}] (${formatLocation(document)})\n${document.pageContent}`)
    .join("\n\n");
