import { UnsiloedError } from "../../errors.js";
import { ignoring } from "../../internal/async/ignoring.js";
import { stableJson } from "../../internal/hashing.js";
import { modelMismatch } from "../model-mismatch.js";
import { type CollectionSpec, type SinkCallOptions, type StoreMode, UNKNOWN_MODEL } from "../sink.js";
import {
  type CollectionState,
  chooseVector,
  infoSchema,
  namedVectors,
  readIndexing,
  settingsOf,
} from "./collection-state.js";
import { differences } from "./creation.js";
import type { QdrantConnection } from "./http/connection.js";
import { isIndexLimit, readAnswer } from "./http/errors.js";
import { type QdrantSettings, sparseName } from "./options.js";
import { DEFAULT_LAYOUT, layoutOf, type PayloadLayout } from "./points/layouts.js";
import { DOC_ID, INDEX_PROFILES, PAYLOAD_INDEXES, VERSION } from "./points/payload-fields.js";
import { NODE, readPayload, TEXT_KEYS } from "./points/read-payload.js";
import type { StrictLimits } from "./strict-mode.js";

/** First server versions with the features that a collection uses. The first is required. */
const QUERY_API = "1.10.0";
const BM25_INFERENCE = "1.15.3";
export const COLLECTION_METADATA = "1.16.0";

/** How many points show who wrote a collection. */
const SAMPLE = 8;

/** Reads, creates and checks the collection of a sink. */
export class QdrantCollection {
  readonly #connection: QdrantConnection;
  readonly #settings: QdrantSettings;
  readonly #path: { collection_name: string };

  constructor(connection: QdrantConnection, settings: QdrantSettings) {
    this.#connection = connection;
    this.#settings = settings;
    this.#path = { collection_name: settings.collection };
  }

  /**
   * Checks the version of the server.
   *
   * @throws UnsiloedError `STORE_REFUSED` when it is too old, or not Qdrant
   */
  async checkServer(options: SinkCallOptions): Promise<void> {
    if (await this.#connection.atLeast(QUERY_API, options)) return;
    const { address, versionText } = this.#connection;
    throw new UnsiloedError(
      "STORE_REFUSED",
      `${address.label} is Qdrant ${versionText}; this package needs ${QUERY_API} or later`,
    );
  }

  /**
   * Reads the state of the collection.
   *
   * @throws UnsiloedError `COLLECTION_NOT_FOUND`, and what {@link checkServer} throws
   */
  async read(options: SinkCallOptions): Promise<CollectionState> {
    await this.checkServer(options);
    const info = await this.#connection.result(
      "reading the collection",
      (api, init) => api.getCollection({ ...this.#path }, init),
      options,
    );
    const { config, payload_schema, points_count, status } = readAnswer(
      infoSchema,
      info,
      "reading the collection",
    );
    const { vectors = {}, sparse_vectors } = config.params;
    const named = namedVectors(vectors);
    const sparse = new Map(
      Object.entries(sparse_vectors ?? {}).map(([name, { modifier }]) => [name, modifier ?? "none"] as const),
    );
    const { metadata, strict_mode_config: strict } = config;
    const points = points_count ?? 0;
    const isForeign = metadata?.embedding_model == null && points > 0;
    const samples = isForeign ? await this.#samplePayloads(strict, options) : [];
    // Finds out for which program the points are written that are there.
    const written = metadata?.payload ?? samples.map(layoutOf).find((layout) => layout !== undefined);
    const payload = this.#settings.payload ?? written ?? DEFAULT_LAYOUT;
    const wanted = await this.#wantedSparse(payload, options);
    const dense = chooseVector(named, this.#settings.vector);
    return {
      dense,
      names: Object.keys(named),
      sparse,
      model: metadata?.embedding_model ?? undefined,
      bm25: metadata?.bm25 ?? undefined,
      indexes: new Set(Object.keys(payload_schema ?? {})),
      indexing: readIndexing(config.optimizer_config, metadata),
      isIndexing: status === "yellow",
      strict,
      settings: settingsOf(config, dense && named[dense.name]),
      payload,
      isUnreadable: samples.length > 0 && samples.every((sample) => readPayload("", sample) === undefined),
      points,
      text: wanted !== undefined && sparse.get(wanted) === "idf" ? wanted : undefined,
    };
  }

  /**
   * Creates the collection and its payload indexes, or checks an existing one.
   *
   * @throws UnsiloedError `STORE_MISMATCH`, naming both values
   */
  async prepare(spec: CollectionSpec, options: SinkCallOptions): Promise<CollectionState> {
    const existing = await ignoring("COLLECTION_NOT_FOUND", () => this.read(options));
    if (!existing) await this.#create(spec, options);
    const state = existing ?? (await this.read(options));
    await this.#check(state, spec, options);
    if (existing) this.#compareSettings(existing);
    await this.#addIndexes(state, options);
    return state;
  }

  /**
   * Returns the dense vector.
   *
   * @throws UnsiloedError `STORE_MISMATCH` when there is none, or when several are named and none was chosen
   */
  requireDense({ dense, names }: CollectionState): NonNullable<CollectionState["dense"]> {
    if (dense) return dense;
    const { vector } = this.#settings;
    const has = names.map((name) => name || "the unnamed one").join(", ") || "none";
    throw this.#mismatch(
      `its dense vectors are: ${has}`,
      vector === undefined
        ? "one, or the option vector with the name of one of them"
        : `${vector === "" ? "the unnamed one" : `"${vector}"`} with one vector a point`,
    );
  }

  modes({ text }: CollectionState): StoreMode[] {
    return text === undefined ? ["dense"] : ["dense", "text"];
  }

  /**
   * Returns the name of the BM25 vector.
   *
   * @throws UnsiloedError `UNSUPPORTED_SEARCH`, with the reason why the collection has no full-text search
   */
  requireText(state: CollectionState): string {
    if (state.text !== undefined) return state.text;
    const { collection } = this.#settings;
    const name = sparseName(this.#settings, state.payload);
    const reason =
      name === undefined
        ? "the option sparse is false"
        : state.sparse.get(name) === "idf"
          ? `full-text search needs Qdrant ${BM25_INFERENCE} or later, and this is ${this.#connection.versionText}`
          : `the collection has no sparse vector "${name}" with modifier idf; on Qdrant ${BM25_INFERENCE} or later, ingest into a new collection`;
    throw new UnsiloedError(
      "UNSUPPORTED_SEARCH",
      `collection "${collection}" cannot be searched in mode "text": ${reason}`,
    );
  }

  /** Returns the name of the BM25 vector, if the server can compute it. */
  async #wantedSparse(payload: PayloadLayout, options: SinkCallOptions): Promise<string | undefined> {
    const name = sparseName(this.#settings, payload);
    if (name === undefined) return undefined;
    return (await this.#connection.atLeast(BM25_INFERENCE, options)) ? name : undefined;
  }

  async #samplePayloads(strict: StrictLimits, options: SinkCallOptions): Promise<Record<string, unknown>[]> {
    const limit = Math.min(SAMPLE, strict.answer);
    const { points } = await this.#connection.result(
      "reading points",
      (api, init) => api.scrollPoints({ ...this.#path, limit, with_payload: true }, init),
      options,
    );
    return points.map(({ payload }) => payload ?? {});
  }

  #metadata(model: string, text: string | undefined, payload: PayloadLayout): Record<string, unknown> {
    return {
      embedding_model: model,
      ...(text !== undefined && { bm25: this.#settings.bm25 }),
      ...(payload !== DEFAULT_LAYOUT && { payload }),
    };
  }

  async #create(spec: CollectionSpec, options: SinkCallOptions): Promise<void> {
    const { creation, vector: name = "", payload = DEFAULT_LAYOUT } = this.#settings;
    const { vectors, ...settings } = creation ?? {};
    const sparse = await this.#wantedSparse(payload, options);
    const records = await this.#connection.atLeast(COLLECTION_METADATA, options);
    const vector = { ...vectors, size: spec.dimensions, distance: "Cosine" as const };
    const body = {
      ...settings,
      vectors: name === "" ? vector : { [name]: vector },
      ...(sparse !== undefined && { sparse_vectors: { [sparse]: { modifier: "idf" as const } } }),
      ...(records && { metadata: this.#metadata(spec.model, sparse, payload) }),
    };
    try {
      // `createCollection` of the client drops the metadata.
      await this.#connection.call(
        "creating the collection",
        (api, init) => api.createCollection({ ...this.#path, ...body }, init),
        options,
      );
    } catch (thrown) {
      // Another run has just created it; it is checked like any other.
      if (!(thrown instanceof UnsiloedError) || thrown.context.status !== 409) throw thrown;
    }
  }

  async #check(state: CollectionState, spec: CollectionSpec, options: SinkCallOptions): Promise<void> {
    const dense = this.requireDense(state);
    const found = { dimensions: dense.size, model: state.model ?? UNKNOWN_MODEL };
    const isOther = state.model !== undefined && state.model !== spec.model;
    if (isOther || dense.size !== spec.dimensions) throw modelMismatch(this.#label, found, spec);
    if (state.isUnreadable)
      throw this.#mismatch(
        `its points have no text under any of ${[...TEXT_KEYS, NODE].join(", ")}`,
        "points of this package, LangChain, LlamaIndex or n8n",
      );
    if (dense.distance !== "Cosine") throw this.#mismatch(`its distance is ${dense.distance}`, "Cosine");
    await this.#checkText(state, options);
    if (state.model === undefined && (await this.#connection.atLeast(COLLECTION_METADATA, options))) {
      const metadata = this.#metadata(spec.model, state.text, state.payload);
      await this.#connection.call(
        "recording the model",
        (api, init) => api.updateCollection({ ...this.#path, metadata }, init),
        options,
      );
    }
  }

  /** Reports settings that were asked for and that the collection was not created with: they change no answer. */
  #compareSettings({ settings, indexing }: CollectionState): void {
    const { optimizers_config: optimizers, ...others } = this.#settings.creation ?? {};
    // Bulk mode changes it for a while.
    const { indexing_threshold: threshold, ...steady } = optimizers ?? {};
    const wanted = {
      ...others,
      optimizers_config: indexing.note ? steady : { ...steady, indexing_threshold: threshold },
    };
    const found = differences(wanted, settings);
    if (found.length > 0) this.#report(`keeps the settings that it was created with: ${found.join("; ")}`);
  }

  /** Checks the BM25 vector. A collection of another program need not have one, unless it was asked for by name. */
  async #checkText(state: CollectionState, options: SinkCallOptions): Promise<void> {
    const wanted = await this.#wantedSparse(state.payload, options);
    if (wanted === undefined) return;
    if (state.text === undefined) {
      const modifier = state.sparse.get(wanted);
      const has = [...state.sparse.keys()].join(", ") || "none";
      const found =
        modifier === undefined
          ? `its sparse vectors are: ${has}`
          : `its sparse vector "${wanted}" has modifier ${modifier}`;
      const needed = `"${wanted}" with modifier idf`;
      if (this.#settings.sparse !== undefined) {
        throw this.#mismatch(found, `${needed} (the option sparse: false does without full-text search)`);
      }
      if (state.model === undefined) this.#report(`has no full-text search: ${found}, expected ${needed}`);
      return;
    }
    const recorded = stableJson(state.bm25 ?? this.#settings.bm25);
    if (recorded !== stableJson(this.#settings.bm25)) {
      throw this.#mismatch(`its BM25 options are ${recorded}`, stableJson(this.#settings.bm25));
    }
  }

  get #label(): string {
    return `collection "${this.#settings.collection}" at ${this.#connection.address.label}`;
  }

  #mismatch(found: string, needed: string): UnsiloedError {
    return new UnsiloedError(
      "STORE_MISMATCH",
      `${this.#label} does not fit: ${found}, expected ${needed}; choose another collection`,
    );
  }

  /** Reports what limits the use of the collection and stops nothing. */
  #report(problem: string): void {
    this.#settings.onProblem(new UnsiloedError("STORE_REFUSED", `${this.#label} ${problem}`));
  }

  /**
   * Creates the payload indexes of the profile that are missing, the most needed first, as many as strict mode allows.
   *
   * @throws UnsiloedError `STORE_REFUSED` when documents could not be found without them
   */
  async #addIndexes({ indexes, strict }: CollectionState, options: SinkCallOptions): Promise<void> {
    const profile: ReadonlySet<string> = new Set(INDEX_PROFILES[this.#settings.indexes]);
    const missing = Object.entries(PAYLOAD_INDEXES).filter(
      ([field]) => profile.has(field) && !indexes.has(field),
    );
    const lacking: string[] = [];
    const create = async (
      [field_name, field_schema]: (typeof missing)[number],
      at: number,
    ): Promise<void> => {
      if (indexes.size + at >= strict.indexes) return void lacking.push(field_name);
      try {
        await this.#connection.write(
          `indexing ${field_name}`,
          (api, init) => api.createFieldIndex({ ...this.#path, wait: true, field_name, field_schema }, init),
          options,
        );
      } catch (thrown) {
        if (!(thrown instanceof UnsiloedError) || !isIndexLimit(thrown)) throw thrown;
        lacking.push(field_name);
      }
    };
    await Promise.all(missing.map(create));
    if (lacking.length === 0) return;
    const problem = `has no payload index for ${lacking.join(", ")}, because strict mode limits their number (max_payload_index_count)`;
    if (strict.unindexed) return this.#report(`${problem}; filters by them are slow`);
    if (!lacking.includes(DOC_ID) && !lacking.includes(VERSION)) {
      return this.#report(`${problem}; filters by them are refused`);
    }
    throw new UnsiloedError(
      "STORE_REFUSED",
      `${this.#label} ${problem}, and filters without an index are refused; raise it to ${indexes.size + missing.length}, or delete other indexes`,
    );
  }
}
