import { z } from "zod";
import { renamedSource } from "../documents/renamed-source.js";
import { type DocumentSource, failingSource } from "../documents/source.js";
import { addContext, UnsiloedError } from "../errors.js";
import { omitUndefined } from "../internal/objects.js";
import { parseOptions } from "../internal/options.js";
import { withoutQueries } from "../internal/scrub.js";
import type { LedgerRecord } from "../ledger/record.js";
import type { ParseRequestOptions } from "../parse-api/jobs/request-options.js";
import type { QueuedDocument } from "../queue/queue.js";

const queuedSourceSchema = z.object({
  name: z.string(),
  file: z.string().optional(),
  address: z.string().optional(),
  isResult: z.literal(true).optional(),
  isDocIdChosen: z.literal(true).optional(),
  title: z.string().optional(),
  parse: z.record(z.string(), z.unknown()).optional(),
});

/** What a queue holds of a source, for the worker that finds it again. */
interface QueuedSource {
  /** What the user named, without what would give access to it. */
  name: string;
  /** Absolute path, where the source is a file. */
  file?: string | undefined;
  /** The whole address, where the name leaves out its signature or its user. It is gone once the document has ended. */
  address?: string | undefined;
  /** Whether the file is a saved result. */
  isResult?: true | undefined;
  isDocIdChosen?: true | undefined;
  title?: string | undefined;
  /** Options of the parse request. */
  parse?: ParseRequestOptions | undefined;
}

const isWebAddress = (name: string): boolean => /^https?:/i.test(name);

const queued = (docId: string, source: QueuedSource): QueuedDocument => ({
  docId,
  source: omitUndefined(source),
});

/**
 * Describes a source so that another machine finds it again: a file by its absolute path, which has to be the same there.
 *
 * @param given what led to the source, as the user wrote it: `result:` before it marks a saved result
 * @param parse options of the parse request
 */
export const describeSource = (
  { docId, source: name, file, title, isDocIdChosen }: DocumentSource,
  given: string,
  parse?: ParseRequestOptions,
): QueuedDocument =>
  queued(docId, {
    name,
    file,
    address: isWebAddress(given) && new URL(given).href !== name ? given : undefined,
    isResult: given.startsWith("result:") || undefined,
    isDocIdChosen: isDocIdChosen || undefined,
    title,
    parse,
  });

/** Describes the source of a record, as far as the ledger knows it: not with what gives access to a web address. */
export const describeRecord = (
  { doc_id, source, file, content_hash, parse_hash }: LedgerRecord,
  parse?: ParseRequestOptions,
): QueuedDocument => {
  // A record omits the query of an address, of which the id has the part that is no signature.
  const name = isWebAddress(doc_id) && withoutQueries(doc_id) === source ? doc_id : source;
  // A submitted file has parse options; a saved result has only content.
  const isResult = parse_hash === null && content_hash !== null && !/^(?:https?|job):/i.test(source);
  return queued(doc_id, {
    name,
    file: file ?? undefined,
    isResult: isResult || undefined,
    isDocIdChosen: true,
    parse,
  });
};

/** How the sources that a name stands for are looked for. */
export interface FindOptions {
  docId: string;
  title?: string | undefined;
  parse?: ParseRequestOptions | undefined;
}

/**
 * Finds the source of a document again, under the name by which it was described. What `find` throws is a failure of the
 * source that is returned, as it may hold for the document alone.
 *
 * @param find looks for what a name stands for: a path, a web address, `job:ID`, `result:PATH` or an address in an object
 *   store
 * @throws UnsiloedError `INVALID_OPTION` for a description that is none, or a name that stands for several documents
 */
export const findDescribed = async (
  { docId, source: described }: QueuedDocument,
  find: (name: string, options: FindOptions) => AsyncIterable<DocumentSource> | Promise<DocumentSource[]>,
): Promise<DocumentSource> => {
  const { name, file, address, isResult, isDocIdChosen, title, parse } = parseOptions(
    queuedSourceSchema,
    described,
    "queue",
  );
  const place = address ?? file ?? name;
  const found: DocumentSource[] = [];
  try {
    const looking = find(isResult ? `result:${place}` : place, { docId, title, parse });
    for await (const source of looking instanceof Promise ? await looking : looking) found.push(source);
  } catch (thrown) {
    // A failure of the document like any other: the run reports it, and ends where it holds for every document.
    return failingSource(
      { docId, source: name, file, isDocIdChosen, title },
      addContext(thrown, { source: name }),
    );
  }
  const [source, ...others] = found;
  if (source && others.length === 0) return renamedSource(source, { source: name, isDocIdChosen });
  throw new UnsiloedError("INVALID_OPTION", `${name}: expected one document, found ${found.length}`);
};
