import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { messageOf, type UnsiloedError } from "../../errors.js";
import { abortError } from "../async/clock.js";
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
  importOptional(
    async () => ({
      ...(await import("@aws-sdk/client-s3")),
      ...(await import("@aws-sdk/s3-request-presigner")),
    }),
    "s3://",
    "@aws-sdk/client-s3 @aws-sdk/s3-request-presigner",
  );
type Sdk = Awaited<ReturnType<typeof importSdk>>;

const CREDENTIALS =
  "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, a profile in AWS_PROFILE, or a role of this machine";

const REFUSALS: Readonly<Record<string, Refusal>> = {
  NoSuchBucket: "noBucket",
  NoSuchKey: "noObject",
  NotFound: "noObject",
  CredentialsProviderError: "credentials",
  InvalidAccessKeyId: "credentials",
  SignatureDoesNotMatch: "credentials",
  ExpiredToken: "credentials",
  InvalidToken: "credentials",
  TokenRefreshRequired: "credentials",
  RequestTimeTooSkewed: "credentials",
  AccessDenied: "denied",
  AllAccessDisabled: "denied",
};

const statusOf = (thrown: unknown): unknown => propertyOf(propertyOf(thrown, "$metadata"), "httpStatusCode");

const refusalOf = (thrown: unknown): Refusal | undefined => {
  const name = String(propertyOf(thrown, "name"));
  const status = statusOf(thrown);
  if (REFUSALS[name]) return REFUSALS[name];
  if (status === 404) return "noObject";
  if (status === 401 || status === 403) return "denied";
  return typeof status !== "number" || status === 429 || status >= 500 ? "unreachable" : undefined;
};

/** The region that the answer says the bucket is in; without any, that which every other is reached from. */
const regionOf = (thrown: unknown): string | undefined => {
  if (messageOf(thrown) === "Region is missing") return "us-east-1";
  const region = propertyOf(propertyOf(propertyOf(thrown, "$response"), "headers"), "x-amz-bucket-region");
  return typeof region === "string" ? region : undefined;
};

/** How long one of the SDK's three attempts waits for a connection, and for the next bytes. */
const CONNECT_MS = 10_000;
const SILENCE_MS = 60_000;

/** The tag is the MD5 of the bytes, unless the object was uploaded in parts or is encrypted with a key of KMS. */
const contentTagOf = (etag: string | undefined): string => {
  const tag = (etag ?? "").replace(/^W\/|"/g, "");
  return /^[0-9a-f]{32}$/.test(tag) ? `md5:${tag}` : `etag:${tag}`;
};

/**
 * The settings that the SDK does not take from the environment. Servers other than Amazon's seldom know buckets as names of
 * hosts, and not all know the checksums that newer SDKs add.
 */
const settingsOf = (region: string | undefined): S3ClientConfig => {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const own = AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL;
  const given = region ?? AWS_REGION ?? AWS_DEFAULT_REGION;
  return {
    // The SDK itself would wait for ever.
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
    ...(given !== undefined && { region: given }),
    ...(own !== undefined && {
      forcePathStyle: true,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      region: given ?? "us-east-1",
    }),
  };
};

/** A bucket of Amazon S3, or of a server that AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL names. */
class S3Store implements ObjectStore {
  readonly #bucket: string;
  readonly #sdk: Sdk;
  #client: S3Client;
  #region: string | undefined;

  constructor(bucket: string, sdk: Sdk) {
    this.#bucket = bucket;
    this.#sdk = sdk;
    this.#client = new sdk.S3Client(settingsOf(undefined));
  }

  async *list(
    prefix: string,
    { signal, pageSize = PAGE_SIZE }: ListOptions = {},
  ): AsyncGenerator<StoredObject[]> {
    let token: string | undefined;
    do {
      const command = new this.#sdk.ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: prefix,
        MaxKeys: pageSize,
        ...(token !== undefined && { ContinuationToken: token }),
      });
      const page = await this.#ask(prefix, signal, (client, options) => client.send(command, options));
      const found = page.Contents ?? [];
      yield found.map(({ Key = "", Size = 0, ETag }) => ({
        key: Key,
        bytes: Size,
        contentTag: contentTagOf(ETag),
      }));
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async find(key: string, { signal }: RequestOptions = {}): Promise<StoredObject | undefined> {
    const command = new this.#sdk.HeadObjectCommand({ Bucket: this.#bucket, Key: key });
    const found = await this.#ask(key, signal, async (client, options) =>
      client.send(command, options).catch((thrown: unknown) => {
        if (statusOf(thrown) === 404) return undefined;
        throw thrown;
      }),
    ).catch(async (thrown: unknown) => {
      // An answer to HEAD has no body that names the reason. That to a request for a byte has one.
      const status = statusOf(propertyOf(thrown, "cause"));
      const isNameless = status === 400 || status === 401 || status === 403;
      if (isNameless) for await (const _ of this.read(key, { signal, range: { start: 0, length: 1 } })) break;
      throw thrown;
    });
    return found && { key, bytes: found.ContentLength ?? 0, contentTag: contentTagOf(found.ETag) };
  }

  async presign(key: string, lifeSeconds: number): Promise<URL> {
    const command = new this.#sdk.GetObjectCommand({ Bucket: this.#bucket, Key: key });
    const address = await this.#ask(key, undefined, (client) =>
      this.#sdk.getSignedUrl(client, command, { expiresIn: lifeSeconds }),
    );
    return new URL(address);
  }

  async *read(key: string, { signal, range }: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const command = new this.#sdk.GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ...(range && { Range: `bytes=${range.start}-${range.start + range.length - 1}` }),
    });
    const { Body } = await this.#ask(key, signal, (client, options) => client.send(command, options));
    try {
      if (Body) yield* Body.transformToWebStream();
    } catch (thrown) {
      throw this.#error(key, signal, thrown);
    }
  }

  async write(key: string, bytes: Uint8Array, { signal }: RequestOptions = {}): Promise<void> {
    const command = new this.#sdk.PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: bytes });
    await this.#ask(key, signal, (client, options) => client.send(command, options));
  }

  async delete(key: string, { signal }: RequestOptions = {}): Promise<void> {
    const command = new this.#sdk.DeleteObjectCommand({ Bucket: this.#bucket, Key: key });
    await this.#ask(key, signal, (client, options) => client.send(command, options));
  }

  /** Makes a request, and once more in the region of the bucket where the answer names another. */
  async #ask<T>(
    key: string,
    signal: AbortSignal | undefined,
    send: (client: S3Client, options: { abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const options = signal ? { abortSignal: signal } : {};
    try {
      return await send(this.#client, options).catch((thrown: unknown) => {
        const region = regionOf(thrown);
        if (region === undefined || region === this.#region) throw thrown;
        this.#region = region;
        this.#client = new this.#sdk.S3Client(settingsOf(region));
        return send(this.#client, options);
      });
    } catch (thrown) {
      throw this.#error(key, signal, thrown);
    }
  }

  #error(key: string, signal: AbortSignal | undefined, thrown: unknown): UnsiloedError {
    if (signal?.aborted) return abortError(signal);
    const refusal = refusalOf(thrown);
    const place = { scheme: "s3", bucket: this.#bucket } as const;
    const address = objectAddress(place, refusal === "noBucket" ? "" : key);
    return objectStoreError(refusal, { address, credentials: CREDENTIALS }, thrown);
  }
}

/** Opens a bucket. @throws UnsiloedError `MISSING_PACKAGE` */
export const openS3 = async (bucket: string): Promise<ObjectStore> => new S3Store(bucket, await importSdk());
