import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import type { ParsedResult } from "../documents/result.js";
import type { EmbeddingModel } from "../embeddings/model.js";
import type { Ledger } from "../ledger/ledger.js";
import type { LedgerRecord } from "../ledger/record.js";
import type { CollectionSpec, VectorSink } from "../stores/sink.js";

/** What is looked at. Nothing of it is changed. */
export interface Inspected {
  ledger: Pick<Ledger, "get" | "list" | "holder">;
  sink: VectorSink;
  /** Directory or database of the ledger, without secrets, for people. */
  state: string;
  /** Opens the parse result of a document, with its words where they are kept. @returns `undefined` where it is gone */
  readResult: (record: LedgerRecord) => Promise<ParsedResult | undefined>;
  /** Reads how many pages a document has; `undefined` where nothing is kept of it. */
  readPageCount: (record: LedgerRecord) => Promise<number | null | undefined>;
  /** Opens the model of the collection, when the first question needs it. */
  openEmbeddings: (spec: CollectionSpec) => Promise<EmbeddingsInterface & Pick<EmbeddingModel, "close">>;
  /** Options that make `search` ask the same store, such as `--store qdrant:http://localhost:6333`. */
  storeArguments?: readonly string[] | undefined;
}
