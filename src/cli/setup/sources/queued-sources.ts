import { z } from "zod";
import type { DocumentSource } from "../../../documents/source.js";
import { UnsiloedError } from "../../../errors.js";
import { omitUndefined } from "../../../internal/objects.js";
import { parseOptions } from "../../../internal/options.js";
import type { PostgresDatabase } from "../../../internal/postgres/database.js";
import { PgBossQueue } from "../../../queue/pg-boss/pg-boss-queue.js";
import type { DocumentQueue, QueuedDocument, TakenDocument } from "../../../queue/queue.js";
import type { NamedSource, SourceFinder, SourceSettings } from "./choose-sources.js";

/** What the queue holds of a source, for the worker that finds it again. */
const queuedSourceSchema = z.object({
  name: z.string(),
  title: z.string().optional(),
  parse: z.record(z.string(), z.unknown()).optional(),
});

/** Opens the queue in the database of the ledger. @throws UnsiloedError `INVALID_OPTION` where the ledger is in none */
export const openQueue = (database: PostgresDatabase | undefined, supervises: boolean): DocumentQueue => {
  if (database) return new PgBossQueue(database, { supervises });
  throw new UnsiloedError(
    "INVALID_OPTION",
    "--state: expected postgres://…, the database in which machines share ledger and queue",
  );
};

/** Describes a source so that another machine finds it: a file by its absolute path, which has to be the same there. */
export const queuedOf = (
  { name, source }: NamedSource,
  { parse }: Pick<SourceSettings, "parse">,
): QueuedDocument => {
  const { docId, file, title } = source;
  const found = file === undefined ? name : name.startsWith("result:") ? `result:${file}` : file;
  return { docId, source: omitUndefined({ name: found, title, parse }) };
};

/** Finds the source of a document from the queue. @throws UnsiloedError `INVALID_OPTION` */
export const findQueued = async (
  { docId, source: described }: TakenDocument,
  finder: SourceFinder,
  settings: SourceSettings,
): Promise<DocumentSource> => {
  const { name, title, parse = settings.parse } = parseOptions(queuedSourceSchema, described, "queue");
  const [source, ...others] = await finder.find(name, { ...settings, docId, title, parse });
  if (source && others.length === 0) return source;
  throw new UnsiloedError(
    "INVALID_OPTION",
    `${name}: expected one document, found ${others.length + (source ? 1 : 0)}`,
  );
};
