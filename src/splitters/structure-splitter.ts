import type { SegmentDocument, SplitDocument } from "../documents/metadata.js";
import type { DocumentSplitter, SplitOptions, SplitRun } from "../documents/splitter.js";
import { parseOptions } from "../internal/options.js";
import { type SegmentSplitterOptions, segmentSplitterSchema } from "./options.js";
import { SplitSession, type SplitSessionOptions } from "./worker/split-session.js";
import { SplitWorkers } from "./worker/split-workers.js";

/** Raise it whenever the same segments are split differently than by earlier versions of this package. */
const SPLITS_VERSION = 9;

/** What {@link SegmentSplitter} does, without LangChain's runnables: the command starts sooner when it loads none. */
export class StructureSplitter implements DocumentSplitter {
  readonly fingerprint?: string;
  readonly takesPackedWords = true;
  readonly #options: SplitSessionOptions;

  /** @throws UnsiloedError `INVALID_OPTION` */
  constructor(options: SegmentSplitterOptions = {}) {
    const settings = parseOptions(segmentSplitterSchema, options, "SegmentSplitter");
    const { chunkSize, chunkOverlap, countTokens, threads } = settings;
    this.#options = {
      settings: { chunkSize, chunkOverlap },
      countTokens,
      threads: countTokens || threads === 0 ? undefined : new SplitWorkers(threads),
    };
    if (!countTokens) this.fingerprint = `segments-${SPLITS_VERSION} ${chunkSize}/${chunkOverlap}`;
  }

  async transformDocuments(
    documents: SegmentDocument[],
    { signal }: SplitOptions = {},
  ): Promise<SplitDocument[]> {
    const run = this.open();
    run.add(documents);
    return run.finish({ signal });
  }

  open(): SplitRun {
    return new SplitSession(this.#options);
  }

  async close(): Promise<void> {
    await this.#options.threads?.close();
  }
}
