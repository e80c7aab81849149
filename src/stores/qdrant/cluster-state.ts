import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import { isRecord } from "../../internal/objects.js";
import type { SinkCallOptions, StoreDetails } from "../sink.js";
import type { CollectionState } from "./collection-state.js";
import type { QdrantConnection } from "./http/connection.js";
import { readAnswer } from "./http/errors.js";

/** `GET /cluster`. */
const clusterSchema = z.looseObject({
  status: z.string(),
  peers: z.record(z.string(), z.looseObject({ uri: z.string() })).optional(),
  raft_info: z.looseObject({ leader: z.number().nullish() }).optional(),
  consensus_thread_status: z.looseObject({ consensus_thread_status: z.string() }).optional(),
  message_send_failures: z.record(z.string(), z.unknown()).optional(),
});

const replicaSchema = z.looseObject({
  shard_id: z.number(),
  peer_id: z.number().optional(),
  state: z.string(),
});

/** `GET /collections/{c}/cluster`. */
const shardsSchema = z.looseObject({
  peer_id: z.number(),
  shard_count: z.number(),
  local_shards: z.array(replicaSchema),
  remote_shards: z.array(replicaSchema),
  shard_transfers: z.array(z.unknown()),
});

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/** Says how the servers of the cluster are; nothing for a single server. */
const describeServers = (answer: unknown): StoreDetails => {
  const {
    status,
    peers = {},
    raft_info,
    ...cluster
  } = readAnswer(clusterSchema, answer, "reading the cluster");
  if (status !== "enabled") return { facts: {}, problems: [] };
  const consensus = cluster.consensus_thread_status?.consensus_thread_status ?? "unknown";
  const unreachable = Object.keys(cluster.message_send_failures ?? {});
  return {
    facts: { servers: counted(Object.keys(peers).length, "server") },
    problems: [
      ...(raft_info?.leader == null
        ? ["the cluster has no leader, so that collections cannot be changed"]
        : []),
      ...(consensus === "working" ? [] : [`consensus is ${consensus.replaceAll("_", " ")}`]),
      ...unreachable.map((uri) => `the server at ${uri} does not answer the others`),
    ],
  };
};

/** Says where the shards of the collection are and which of their replicas are not in use. */
const describeShards = (answer: unknown, replicas: number): StoreDetails => {
  const found = readAnswer(shardsSchema, answer, "reading the shards");
  const all = [...found.local_shards, ...found.remote_shards];
  const active = all.filter(({ state }) => state === "Active");
  const shards = new Set(all.map(({ shard_id }) => shard_id));
  const lacking = [...shards].filter(
    (shard) => active.filter(({ shard_id }) => shard_id === shard).length < replicas,
  );
  const inactive = all.filter(({ state }) => state !== "Active");
  const transfers = found.shard_transfers.length;
  return {
    facts: {
      shards: `${counted(found.shard_count, "shard")} with ${counted(replicas, "replica")} each, ${active.length} of ${found.shard_count * replicas} active`,
      ...(transfers > 0 && { transfers: `${counted(transfers, "replica")} being copied` }),
    },
    problems: [
      ...inactive.map(
        ({ shard_id, peer_id = found.peer_id, state }) =>
          `shard ${shard_id} is ${state} on server ${peer_id}`,
      ),
      ...(lacking.length > 0 && inactive.length === 0
        ? [`shards ${lacking.join(", ")} have fewer than ${counted(replicas, "replica")}`]
        : []),
    ],
  };
};

const describeStorage = ({ settings, indexing, isIndexing }: CollectionState): Record<string, string> => {
  const { quantization_config, write_consistency_factor, on_disk_payload, vectors, hnsw_config } = settings;
  const onDisk = [
    ...(isRecord(vectors) && vectors["on_disk"] === true ? ["vectors"] : []),
    ...(on_disk_payload === true ? ["payload"] : []),
    ...(isRecord(hnsw_config) && hnsw_config["on_disk"] === true ? ["hnsw"] : []),
  ];
  return {
    ...(typeof write_consistency_factor === "number" && {
      "write consistency": counted(write_consistency_factor, "replica"),
    }),
    quantization: isRecord(quantization_config) ? Object.keys(quantization_config).join(", ") : "none",
    "on disk": onDisk.join(", ") || "nothing",
    ...((indexing.threshold === 0 || isIndexing) && {
      indexing: indexing.threshold === 0 ? "deferred" : "in progress",
    }),
  };
};

/** Keys that may read one collection may not read the cluster; then it is left out. */
const ifAllowed = async (ask: () => Promise<StoreDetails>): Promise<StoreDetails> => {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof UnsiloedError && ["UNAUTHORIZED", "STORE_REFUSED"].includes(thrown.code))
      return { facts: {}, problems: [] };
    throw thrown;
  }
};

/** Asks a collection for how it is kept, and the cluster for its servers and replicas. */
export const inspectCollection = async (
  connection: QdrantConnection,
  collection: string,
  state: CollectionState,
  options: SinkCallOptions,
): Promise<StoreDetails> => {
  const { replication_factor: factor } = state.settings;
  const replicas = typeof factor === "number" ? factor : 1;
  const [servers, shards] = await Promise.all([
    ifAllowed(async () =>
      describeServers(
        await connection.result("reading the cluster", (api, init) => api.clusterStatus({}, init), options),
      ),
    ),
    ifAllowed(async () =>
      describeShards(
        await connection.result(
          "reading the shards",
          (api, init) => api.collectionClusterInfo({ collection_name: collection }, init),
          options,
        ),
        replicas,
      ),
    ),
  ]);
  return {
    facts: { ...servers.facts, ...shards.facts, ...describeStorage(state) },
    problems: [...servers.problems, ...shards.problems],
  };
};
