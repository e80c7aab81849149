import type { DocumentInterface } from "@langchain/core/documents";
import { unionBox } from "../documents/bbox.js";
import { type CellReference, formatCells } from "../documents/cell-references.js";
import type { PageBox, SplitMetadata } from "../documents/metadata.js";
import { UNKNOWN_PAGE } from "../documents/policies.js";
import type { BBox } from "../documents/segment.js";
import { shortSource, titleBeside } from "./short-source.js";

/** A numbered source of an answer, exact enough to highlight it on the page. */
export interface Citation {
  /** Counts from 1, in the order of the Documents. */
  number: number;
  /** Short path or address of the file, as formatted citations show it. */
  source: string;
  /** Id of the document, by which your program finds the file. */
  doc_id: string;
  /** Title of the document, if it has one. */
  title?: string;
  /** Type of the first segment, such as `Table`. */
  segment_type: string;
  /** Page on which the text begins. */
  page_number: number;
  /** All boxes of the text, line by line where words are known, in pixels of their page. */
  boxes: PageBox[];
  /** Workbooks: the cells that the text is from. */
  cell_references?: CellReference[];
  /** Headings above the text, outermost first. */
  section_path: string[];
  /** Confidence of the parse service, 0 to 1; `null` when it gave none. */
  confidence: number | null;
}

type Citable = DocumentInterface<SplitMetadata>;

/** Returns a citation for each Document, in the same order. */
export const citationsOf = (documents: readonly Citable[]): Citation[] =>
  documents.map(({ metadata }, index) => ({
    number: index + 1,
    source: shortSource(metadata),
    doc_id: metadata.doc_id,
    ...(metadata.title !== undefined && { title: metadata.title }),
    segment_type: metadata.segment_type,
    page_number: metadata.page_number,
    boxes: metadata.boxes,
    ...(metadata.cell_references && { cell_references: metadata.cell_references }),
    section_path: metadata.section_path,
    confidence: metadata.confidence,
  }));

const formatBox = (bbox: BBox | null): string =>
  bbox ? `[${[bbox.left, bbox.top, bbox.width, bbox.height].map(Math.round).join(", ")}]` : "unknown";

const formatPage = (page: number): string => (page === UNKNOWN_PAGE ? "page unknown" : `page ${page}`);

/** Formats pages and boxes: `page 3, box [110, 48, 320, 18]`. */
const formatPages = (metadata: SplitMetadata): string => {
  const pages = new Map<number, (BBox | null)[]>();
  for (const { page_number, bbox } of metadata.boxes) {
    const boxes = pages.get(page_number);
    if (boxes) boxes.push(bbox);
    else pages.set(page_number, [bbox]);
  }
  const locations = [...pages].map(
    ([page, boxes]) => `${formatPage(page)}, box ${formatBox(unionBox(boxes))}`,
  );
  return locations.join("; ") || formatPage(metadata.page_number);
};

/**
 * Formats the location of a Document on one line, with one box for each page:
 * `report.pdf, page 3, box [110, 48, 320, 18] › Results`; of a workbook, with sheet and cells in place of pages:
 * `book.xlsx, sheet Q1, cells A1:D20 › Results`. The title comes before the file where neither the section nor the name
 * of the file says it: `Annual Report 2025 (scan-17.pdf), page 3 › Results`. Absolute paths are shortened to the name of
 * the file, and addresses lose query and credentials, since models and readers get these lines.
 */
export const formatLocation = ({ metadata }: Citable): string => {
  const section = metadata.section_path.length > 0 ? ` › ${metadata.section_path.join(" › ")}` : "";
  const cells = formatCells(metadata.cell_references ?? []);
  const title = titleBeside(metadata);
  const file = shortSource(metadata);
  return `${title === undefined ? file : `${title} (${file})`}, ${cells || formatPages(metadata)}${section}`;
};

/**
 * Formats Documents as a numbered list of sources: file, page, box and section, one line each.
 *
 * @example
 * ```ts
 * formatCitations(await retriever.invoke("dividend per share"));
 * // [1] annual-report.pdf, page 1, box [110, 428, 962, 82] › Annual Report › Chair's statement
 * ```
 */
export const formatCitations = (documents: readonly Citable[]): string =>
  documents.map((document, index) => `[${index + 1}] ${formatLocation(document)}`).join("\n");

/** Formats Documents as numbered context for a prompt, with the numbers of `formatCitations`. */
export const formatContext = (documents: readonly Citable[]): string =>
  documents
    .map((document, index) => `[${index + 1}] (${formatLocation(document)})\n${document.pageContent}`)
    .join("\n\n");
