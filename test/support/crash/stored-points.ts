import path from "node:path";
import { connect } from "@lancedb/lancedb";
import { z } from "zod";
import type { Services } from "./services.js";

const metadataSchema = z.looseObject({
  doc_id: z.string(),
  segment_index: z.number(),
  segment_indices: z.array(z.number()).optional(),
});

/** A row of the store, read independently of the code that wrote it. */
export interface FoundPoint {
  id: string;
  content: string;
  metadata: z.infer<typeof metadataSchema>;
  vector: number[];
}

/** The command's default name of the collection. */
const COLLECTION = "unsiloed";

const rowSchema = z.object({
  id: z.string(),
  content: z.string(),
  metadata: z.string().transform((json): unknown => JSON.parse(json)),
  vector: z.custom<Iterable<number>>((value) => typeof value === "object" && value !== null),
});

const readLanceDb = async (directory: string, collection: string): Promise<FoundPoint[]> => {
  const connection = await connect(directory);
  try {
    const table = await connection.openTable(collection);
    const rows: unknown[] = await table.query().select(["id", "content", "metadata", "vector"]).toArray();
    return rows.map((row) => {
      const { vector, metadata, ...rest } = rowSchema.parse(row);
      return { ...rest, metadata: metadataSchema.parse(metadata), vector: [...vector] };
    });
  } finally {
    connection.close();
  }
};

const payloadSchema = z.object({ content: z.string(), metadata: metadataSchema });

/** Reads every row of a collection, duplicates included. */
export const readPoints = async (
  cwd: string,
  { qdrant }: Pick<Services, "qdrant">,
  collection = COLLECTION,
): Promise<FoundPoint[]> => {
  if (!qdrant) return readLanceDb(path.join(cwd, "store"), collection);
  return [...(qdrant.store.collections.get(collection)?.points.values() ?? [])].map(
    ({ id, payload, dense }) => ({
      id: String(id),
      ...payloadSchema.parse(payload),
      vector: dense.get("") ?? [],
    }),
  );
};
