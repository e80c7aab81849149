// What the server of `unsiloed-ingest inspect` answers. The page imports these types, and nothing else of the package.
import type { PageBox, SplitMetadata } from "../documents/metadata.js";
import type { BBox } from "../documents/segment.js";
import type { Standing } from "../ledger/standing.js";
import type { Expansion, SearchMode } from "../retrieval/search-choices.js";
import type { SearchFilter } from "../stores/filter.js";

export type { BBox, Expansion, PageBox, SearchFilter, SearchMode, SplitMetadata, Standing };

/** Counts segments by reason, such as `{ page_header: 4 }`. */
export type ReasonCounts = Readonly<Record<string, number>>;

/** One document of the list. */
export interface DocumentRow {
  /** Identity of the document. */
  id: string;
  /** What the user named. */
  source: string;
  standing: Standing;
  /** Pages that were parsed; `null` where no kept result says so. */
  pages: number | null;
  /** Points that are or may be in the store. */
  points: number;
  /** Counts of its segments; `null` before the document was stored. */
  segments: { total: number; stored: number; filtered: ReasonCounts; flagged: ReasonCounts } | null;
  /** The last failure, or why the record cannot be read. */
  error: { stage: string | null; code: string | null; message: string; at: string | null } | null;
  /** How often work was begun since the document was last stored. */
  attempts: number;
  /** Time of ISO 8601; `null` where the record cannot be read. */
  updatedAt: string | null;
}

/** Query of `GET documents`. */
export interface DocumentQuery {
  /** Part of the id or the source, in upper or lower case. */
  search?: string;
  standing?: Standing;
  /** How many documents that match are left out before the first. */
  offset?: number;
  /** How many are returned at most, 1 to 500. @default 100 */
  limit?: number;
}

/** Answer of `GET documents`. */
export interface DocumentList {
  /** Documents of the ledger. */
  total: number;
  /** All documents of the ledger by state. */
  standings: Partial<Record<Standing, number>>;
  /** Documents that match. */
  matched: number;
  /** Those from `offset` on, in order of their ids. */
  documents: DocumentRow[];
  /** Changes whenever a document does, so that the page follows a run. */
  revision: string;
}

/** Answer of `GET collection`. */
export interface CollectionInfo {
  /** Where the points are: `lancedb:.unsiloed/lancedb (unsiloed)`. */
  store: string;
  /** The directory or database of the ledger. */
  state: string;
  /** Model of the vectors; `null` where the collection does not exist yet. */
  model: string | null;
  dimensions: number | null;
  /** Modes that the collection can be searched in. */
  modes: string[];
  /** Why the collection cannot be opened. */
  problem: string | null;
}

/** A page of the document, as the list of pages shows it. */
export interface PageRow {
  /** From 1; 0 holds what the service gave no page for. */
  number: number;
  /** Pixels; `null` where the service did not say. */
  width: number | null;
  height: number | null;
  segments: number;
  splits: number;
  /** Segments that were left out or flagged. */
  marked: number;
}

/** The source file, as far as it can be shown. */
export interface SourceView {
  /** How the page shows it: by pdf.js, as a picture, or not at all. */
  kind: "pdf" | "picture" | "none";
  /** Bytes of the file, where it can be shown. */
  bytes: number | null;
  /** Why it is not shown, or that its bytes are no longer those that were parsed. */
  note: string | null;
}

/** Answer of `GET document`. */
export interface DocumentView {
  row: DocumentRow;
  title: string | null;
  jobId: string | null;
  version: string | null;
  /** Where the ledger says the points are. */
  store: string | null;
  /** Whether segments are shown as they were parsed, or only as their splits tell of them. */
  result: { kept: boolean; words: boolean; note: string | null };
  source: SourceView;
  pages: PageRow[];
  /** Points of the document that the store holds. */
  splits: number;
}

/** What became of a segment. */
export type SegmentOutcome =
  | { kind: "stored" }
  | { kind: "left_out"; reason: string }
  /** The document is not stored. */
  | { kind: "not_stored" };

/** A segment on a page. */
export interface SegmentView {
  /** Position in reading order, from 0. */
  index: number;
  type: string;
  /** Its box on this page, in pixels. */
  box: BBox | null;
  confidence: number | null;
  outcome: SegmentOutcome;
  /** Why a policy flagged it. */
  flag: string | null;
  /** The first letters of its text. */
  text: string;
  /** Ids of the splits that hold text of it. */
  splits: string[];
}

/** A split with text on a page. */
export interface SplitView {
  id: string;
  /** Its place among the splits of the document, from 0. */
  order: number;
  type: string;
  /** Its boxes on this page, in pixels. */
  boxes: BBox[];
  /** `word`: the boxes are of its very words or rows; `segment`: some are of whole segments. */
  precision: SplitMetadata["bbox_precision"];
  segments: number[];
  part: { index: number; count: number };
  /** Body rows of a table, both ends included, from 0. */
  rows: { from: number; to: number; header: string[] } | null;
  caption: string | null;
  /** Segment that the split is the caption of. */
  captionOf: string | null;
  text: string;
}

/** A word of a page, and its box in pixels. */
export interface WordView {
  text: string;
  box: BBox;
}

/** Answer of `GET page`. */
export interface PageView extends PageRow {
  /** In reading order. */
  segmentViews: SegmentView[];
  splitViews: SplitView[];
  /** Captions and what they describe, both on this page, by the index of their segments. */
  captions: { caption: number; describes: number }[];
  /** None where the kept result has no word boxes. */
  words: WordView[];
}

/** Answer of `GET segment`. */
export interface SegmentDetails {
  view: SegmentView;
  page: number;
  /** Text that the splitter was given. */
  text: string;
  sectionPath: string[];
  /** As the service wrote it, without its words; `null` where no result is kept. */
  raw: unknown;
  words: number;
}

/** Answer of `GET split`. */
export interface SplitDetails {
  view: SplitView;
  page: number;
  /** What readers get. */
  text: string;
  /** What the vector is made of. */
  embedded: string;
  /** What word search sees, in the form in which words are compared. */
  lexical: string;
  /** Tokens of the embedded text, in `cl100k_base`. */
  tokens: number;
  /** `source.pdf, page 3, box […]`, as citations say it. */
  location: string;
  metadata: SplitMetadata;
  /** The splits before and after it. */
  previous: { id: string; page: number; text: string } | null;
  next: { id: string; page: number; text: string } | null;
}

/** Body of `POST question`. What is left out is as the search has it by default. */
export interface QuestionRequest {
  question: string;
  mode?: SearchMode | undefined;
  /** How many hits are returned at most, 1 to 100. @default 5 */
  k?: number | undefined;
  rerank?: "words" | "none" | undefined;
  /** Share of the vector in hybrid search, 0 to 1. */
  denseShare?: number | undefined;
  expand?: Expansion[] | undefined;
  filter?: SearchFilter | undefined;
}

/** The place of a hit in a list, from 1, and its score there. */
export interface ListPlace {
  rank: number;
  score: number;
}

/** A hit of a question. */
export interface HitView {
  /** Id of the split, or of the best one that an expanded hit holds. */
  id: string;
  doc: string;
  type: string;
  page: number;
  /** All boxes of its text. */
  boxes: PageBox[];
  precision: SplitMetadata["bbox_precision"];
  /** What readers get. */
  text: string;
  score: number;
  /** Its place among the hits by vector, by words, and of both together; `null` where it is not among them. */
  dense: ListPlace | null;
  words: ListPlace | null;
  fused: ListPlace | null;
  /** Ids of the hits that it was expanded from; none without expansion. */
  expandedFrom: string[];
  /** Text of the split itself, where it was expanded. */
  hitText: string | null;
  sectionPath: string[];
  /** As `formatCitations` writes it, with the number of the hit. */
  citation: string;
}

/** Answer of `POST question`. */
export interface QuestionAnswer {
  /** The mode that was searched in. */
  mode: SearchMode;
  hits: HitView[];
  /** How many hits were compared, by vector and by words. */
  compared: { dense: number; words: number };
  /** Why nothing was found, such as a document of the filter that is not there. */
  notes: string[];
  /** The same question as a `search` command, and as a program. */
  command: string;
  code: string;
}

/** What a report lists. */
export type ReportKind =
  /** Segments that were left out. */
  | "left_out"
  /** Segments that a policy flagged, and those of unknown page. */
  | "flagged"
  /** Segments that the service gave no text for. */
  | "no_text"
  /** Tables that mark no header: their first row is taken for one. */
  | "assumed_header"
  /** Splits of nearly the most tokens that one may have. */
  | "at_budget"
  /** Splits with boxes of whole segments, or estimates. */
  | "approximate";

/** One place that a report lists. */
export interface ReportEntry {
  page: number;
  /** Either a segment or a split. */
  segment: number | null;
  split: string | null;
  type: string;
  /** Why it is listed, such as `page_header` or `398 of 400 tokens`. */
  reason: string;
  /** The first letters of its text. */
  text: string;
}

/** Answer of `GET report`. */
export interface DocumentReport {
  doc: string;
  /** Every kind, also those without an entry. */
  groups: {
    kind: ReportKind;
    /** `null` where only the parse result would tell, and it is not kept. */
    entries: ReportEntry[] | null;
  }[];
  /** What is to be said of the parse result, where it is not kept. */
  note: string | null;
  /** What the ledger counted when the document was stored. */
  counts: DocumentRow["segments"];
}

/** One document with all of its answers: what an exported page has in place of a server. */
export interface ExportedDocument {
  collection: CollectionInfo;
  documents: DocumentList;
  document: DocumentView;
  pages: PageView[];
  segments: SegmentDetails[];
  splits: SplitDetails[];
  report: DocumentReport;
}

/** Id of the element of an exported page that holds its {@link ExportedDocument} as JSON. */
export type ExportElementId = "exported-document";

/** Every answer that is none of the above. */
export interface Problem {
  error: { code: string; message: string };
}
