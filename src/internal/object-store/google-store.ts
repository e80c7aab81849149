import type { Bucket, File } from "@google-cloud/storage";
import type { UnsiloedError } from "../../errors.js";
import { abortError } from "../async/clock.js";
import { untilAborted } from "../async/until-aborted.js";
import { propertyOf } from "../objects.js";
import { importOptional } from "../optional-import.js";
import { objectAddress } from "./address.js";
import {
  type ListOptions,
  type ObjectStore,
  PAGE_SIZE,
  type ReadOptions,
  type RequestOptions,
  type StoredObject,
} from "./object-store.js";
import { objectStoreError, type Refusal } from "./store-error.js";

const importSdk = () =>
  importOptional(() => import("@google-cloud/storage"), "gs://", "@google-cloud/storage");

const CREDENTIALS =
  'a key file in GOOGLE_APPLICATION_CREDENTIALS, "gcloud auth application-default login", or a service account of this machine';

const NO_CREDENTIALS =
  /default credentials|invalid_grant|invalid_client|credentials? (?:file|json)|file .* does not exist|DECODER/i;

/** Answers of the storage have the status as their code; those of the token service are errors of its HTTP client. */
const statusOf = (thrown: unknown): number =>
  Number(propertyOf(thrown, "code") ?? propertyOf(thrown, "status"));

const refusalOf = (thrown: unknown): Refusal | undefined => {
  const status = statusOf(thrown);
  const message = String(propertyOf(thrown, "message"));
  if (status === 404) return /bucket does not exist/i.test(message) ? "noBucket" : "noObject";
  if (status === 401 || NO_CREDENTIALS.test(message)) return "credentials";
  if (status === 403) return "denied";
  return !Number.isInteger(status) || status === 429 || status >= 500 ? "unreachable" : undefined;
};

/** Objects that were composed of others have no MD5. */
const storedObject = ({ name, metadata: { size, md5Hash, generation } }: File): StoredObject => ({
  key: name,
  bytes: Number(size ?? 0),
  contentTag: md5Hash
    ? `md5:${Buffer.from(md5Hash, "base64").toString("hex")}`
    : `generation:${generation ?? ""}`,
});

/** A bucket of Google Cloud Storage. */
class GoogleStore implements ObjectStore {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  async *list(
    prefix: string,
    { signal, pageSize = PAGE_SIZE }: ListOptions = {},
  ): AsyncGenerator<StoredObject[]> {
    let pageToken: string | undefined;
    do {
      const query = { prefix, maxResults: pageSize, autoPaginate: false, ...(pageToken && { pageToken }) };
      const [files, next] = await this.#ask(prefix, signal, () => this.#bucket.getFiles(query));
      yield files.map(storedObject);
      const token = propertyOf(next, "pageToken");
      pageToken = typeof token === "string" ? token : undefined;
    } while (pageToken !== undefined);
  }

  async find(key: string, { signal }: RequestOptions = {}): Promise<StoredObject | undefined> {
    return this.#ask(key, signal, async () => {
      const file = this.#bucket.file(key);
      try {
        await file.getMetadata();
        return storedObject(file);
      } catch (thrown) {
        if (statusOf(thrown) === 404) return undefined;
        throw thrown;
      }
    });
  }

  async presign(key: string, lifeSeconds: number): Promise<URL | undefined> {
    const expires = Date.now() + lifeSeconds * 1000;
    const file = this.#bucket.file(key);
    return this.#ask(key, undefined, async () => {
      try {
        const [address] = await file.getSignedUrl({ version: "v4", action: "read", expires });
        return new URL(address);
      } catch (thrown) {
        // Neither a key is here, nor may the service account of this machine sign.
        const isUnable = propertyOf(thrown, "name") === "SigningError" || refusalOf(thrown) === "credentials";
        if (isUnable) return undefined;
        throw thrown;
      }
    });
  }

  async *read(key: string, { signal, range }: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const stream = this.#bucket
      .file(key)
      .createReadStream(range && { start: range.start, end: range.start + range.length - 1 });
    const stop = () => void stream.destroy();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      yield* stream;
    } catch (thrown) {
      throw this.#error(key, signal, thrown);
    } finally {
      signal?.removeEventListener("abort", stop);
      stream.destroy();
    }
  }

  async write(key: string, bytes: Uint8Array, { signal }: RequestOptions = {}): Promise<void> {
    await this.#ask(key, signal, () => this.#bucket.file(key).save(bytes, { resumable: false }));
  }

  async delete(key: string, { signal }: RequestOptions = {}): Promise<void> {
    await this.#ask(key, signal, () => this.#bucket.file(key).delete({ ignoreNotFound: true }));
  }

  /** Makes a request. The SDK cannot end one: it then goes on unobserved. */
  async #ask<T>(key: string, signal: AbortSignal | undefined, send: () => Promise<T>): Promise<T> {
    try {
      return await untilAborted(send, signal);
    } catch (thrown) {
      throw this.#error(key, signal, thrown);
    }
  }

  #error(key: string, signal: AbortSignal | undefined, thrown: unknown): UnsiloedError {
    if (signal?.aborted) return abortError(signal);
    const refusal = refusalOf(thrown);
    const place = { scheme: "gs", bucket: this.#bucket.name } as const;
    const address = objectAddress(place, refusal === "noBucket" ? "" : key);
    return objectStoreError(refusal, { address, credentials: CREDENTIALS }, thrown);
  }
}

/** Opens a bucket. @throws UnsiloedError `MISSING_PACKAGE` */
export const openGoogle = async (bucket: string): Promise<ObjectStore> => {
  const { Storage } = await importSdk();
  // A name of gcloud for other addresses of the service, such as a private one. That of an emulator the SDK reads itself.
  const endpoint = process.env["CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE"];
  const own = endpoint && { apiEndpoint: endpoint.replace(/\/+$/, ""), useAuthWithCustomEndpoint: true };
  const storage = new Storage({ ...own, retryOptions: { maxRetries: 2 } });
  return new GoogleStore(storage.bucket(bucket));
};
