import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { z } from "zod";
import type { DocumentSource } from "../documents/source.js";
import type { DocumentSplitter } from "../documents/splitter.js";
import { UnsiloedError } from "../errors.js";
import { untilAborted } from "../internal/async/until-aborted.js";
import { propertyOf } from "../internal/objects.js";
import { showValue } from "../internal/options.js";
import { clockSchema, functionSchema, isFunction, objectSchema } from "../internal/schemas.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ResultArchive } from "../ledger/result-archive.js";
import type { VectorSink } from "../stores/sink.js";
import type { IngestEventListener } from "./run/events.js";

// What JavaScript hands over is known by the methods that are called first: a wrong part is refused before any work.

const signalSchema = z.custom<AbortSignal>(
  (value) => isFunction(propertyOf(value, "addEventListener")) && "aborted" in Object(value),
  "expected an AbortSignal",
);

/** The parts of a run, as each function of the pipeline takes some of them. */
export const partSchemas = {
  sink: objectSchema<VectorSink>(["open", "upsert"], "a store, such as a LanceDbSink or QdrantSink"),
  embeddings: objectSchema<EmbeddingsInterface>(
    ["embedDocuments", "embedQuery"],
    "LangChain embeddings, such as PackedOpenAIEmbeddings",
  ),
  model: z.string().min(1).optional(),
  splitter: objectSchema<DocumentSplitter>(["transformDocuments"], "a splitter, such as a SegmentSplitter"),
  ledger: objectSchema<Ledger>(["get", "put"], "a ledger, such as an LmdbLedger"),
  results: objectSchema<ResultArchive>(
    ["read", "keep"],
    "an archive of results, such as a KeptResults",
  ).optional(),
  signal: signalSchema.optional(),
  drain: signalSchema.optional(),
  onEvent: functionSchema<IngestEventListener>().optional(),
  clock: clockSchema,
};

/** Checks what works on a store and its ledger without reading a source. */
export const ledgerPartsSchema = z.strictObject({
  sink: partSchemas.sink,
  ledger: partSchemas.ledger,
  results: partSchemas.results,
  signal: partSchemas.signal,
  clock: partSchemas.clock,
});

export type Sources = Iterable<DocumentSource> | AsyncIterable<DocumentSource>;

const refuseSources = (expected: string, found: unknown): UnsiloedError =>
  new UnsiloedError("INVALID_OPTION", `sources: expected ${expected}, got ${showValue(found)}`);

/**
 * Refuses what is no list of sources.
 *
 * @throws UnsiloedError `INVALID_OPTION`
 */
export const checkSources = (sources: unknown): void => {
  const isList = [Symbol.asyncIterator, Symbol.iterator].some((key) => isFunction(propertyOf(sources, key)));
  if (isList) return;
  const isLoader = isFunction(propertyOf(sources, "sources"));
  throw refuseSources(
    isLoader ? "the sources of the loader: loader.sources()" : "sources, such as loader.sources()",
    sources,
  );
};

export const isStream = (sources: Sources): sources is AsyncIterable<DocumentSource> =>
  Symbol.asyncIterator in sources;

/** Ends the wait for the next source of a stream when the signal aborts. The stream then ends in its own time. */
async function* untilSignal(
  sources: AsyncIterable<DocumentSource>,
  signal: AbortSignal | undefined,
): AsyncGenerator<DocumentSource> {
  const iterator = sources[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await untilAborted(() => iterator.next(), signal);
      if (done) return;
      yield value;
    }
  } finally {
    // Not awaited, as it would wait for a source that may never come.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/** Passes the sources on, and throws `INVALID_OPTION` for one that is none, such as a path or a loaded Document. */
export async function* checkedSources(
  sources: Sources,
  signal?: AbortSignal,
): AsyncGenerator<DocumentSource> {
  for await (const source of isStream(sources) ? untilSignal(sources, signal) : sources) {
    const isSource =
      isFunction(propertyOf(source, "read")) && typeof propertyOf(source, "docId") === "string";
    if (!isSource) throw refuseSources("sources of documents, such as those of loader.sources()", source);
    yield source;
  }
}
