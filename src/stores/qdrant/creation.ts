import { isRecord, omitUndefined } from "../../internal/objects.js";
import type { OnDisk, Quantization, StoreCreation } from "../store-entry.js";
import type { QdrantCreation } from "./options.js";

/** Quantized vectors stay in memory, as they are what every search reads; the originals may be on disk. */
const QUANTIZATION = {
  scalar: { scalar: { type: "int8", always_ram: true } },
  binary: { binary: { always_ram: true } },
  product: { product: { compression: "x16", always_ram: true } },
} as const satisfies Record<Quantization, QdrantCreation["quantization_config"]>;

/** Writes the options of the command in the names of the server; `undefined` when none is given. */
export const creationOf = (options: StoreCreation): QdrantCreation | undefined => {
  const { shards, replicas, writeConsistency, quantization, onDisk = [] } = options;
  const isOnDisk = (part: OnDisk) => (onDisk.includes(part) ? true : undefined);
  const creation = omitUndefined({
    shard_number: shards,
    replication_factor: replicas,
    write_consistency_factor: writeConsistency,
    quantization_config: quantization && QUANTIZATION[quantization],
    on_disk_payload: isOnDisk("payload"),
    hnsw_config: isOnDisk("hnsw") && { on_disk: true },
    vectors: isOnDisk("vectors") && { on_disk: true },
  });
  return Object.keys(creation).length > 0 ? creation : undefined;
};

const shown = (value: unknown): string => (value == null ? "not set" : JSON.stringify(value));

/**
 * Compares the settings that were asked for with those of an existing collection.
 *
 * @param found as `GET /collections/{c}` gives it
 * @returns one text for each difference: `shard_number is 1, asked for 6`
 */
export const differences = (wanted: unknown, found: unknown, path = ""): string[] => {
  if (wanted == null) return [];
  if (!isRecord(wanted) || !isRecord(found))
    return JSON.stringify(wanted) === JSON.stringify(found)
      ? []
      : [`${path} is ${shown(found)}, asked for ${shown(wanted)}`];
  return Object.entries(wanted).flatMap(([name, value]) =>
    differences(value, found[name], path === "" ? name : `${path}.${name}`),
  );
};
