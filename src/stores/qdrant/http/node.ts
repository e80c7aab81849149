import type { QdrantClient } from "@qdrant/js-client-rest";
import { explainUndici } from "../../../internal/http/undici.js";
import type { QdrantAddress } from "./address.js";
import { JsonWriter } from "./json-writer.js";

export type QdrantApi = ReturnType<QdrantClient["api"]>;

/** One address of a server or cluster, with what sends requests there. */
export class QdrantNode {
  readonly address: QdrantAddress;
  readonly writer: JsonWriter;
  readonly #apiKey: string | undefined;
  #client: Promise<QdrantApi> | undefined;

  constructor(address: QdrantAddress, apiKey: string | undefined) {
    this.address = address;
    this.writer = new JsonWriter(address, apiKey);
    this.#apiKey = apiKey;
  }

  /**
   * Returns the client, which is loaded on first use because importing it takes half a second.
   *
   * The key is sent as a plain header, because the client prints a warning for a key with `http`. Its time-out is off,
   * because it would replace our signal.
   */
  api(): Promise<QdrantApi> {
    this.#client ??= import("@qdrant/js-client-rest").catch(explainUndici).then(({ QdrantClient }) => {
      const { url, port, prefix } = this.address;
      const client = new QdrantClient({
        url,
        port,
        ...(prefix !== undefined && { prefix }),
        ...(this.#apiKey !== undefined && { headers: { "api-key": this.#apiKey } }),
        checkCompatibility: false,
        timeout: Number.POSITIVE_INFINITY,
      });
      return client.api();
    });
    return this.#client;
  }
}
