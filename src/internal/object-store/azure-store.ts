import type { BlobServiceClient, ContainerClient, StoragePipelineOptions } from "@azure/storage-blob";
import { messageOf, UnsiloedError } from "../../errors.js";
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

const importSdk = () => importOptional(() => import("@azure/storage-blob"), "az://", "@azure/storage-blob");
type Sdk = Awaited<ReturnType<typeof importSdk>>;

const CREDENTIALS =
  "AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or AZURE_STORAGE_CONNECTION_STRING in the environment, or an identity of this machine";

const REFUSALS: Readonly<Record<string, Refusal>> = {
  ContainerNotFound: "noBucket",
  ContainerBeingDeleted: "noBucket",
  BlobNotFound: "noObject",
  AuthenticationFailed: "credentials",
  InvalidAuthenticationInfo: "credentials",
  NoAuthenticationInformation: "credentials",
  CredentialUnavailableError: "credentials",
  AuthenticationRequiredError: "credentials",
  AuthenticationError: "credentials",
  AggregateAuthenticationError: "credentials",
};

const statusOf = (thrown: unknown): unknown => propertyOf(thrown, "statusCode");

const refusalOf = (thrown: unknown): Refusal | undefined => {
  const status = statusOf(thrown);
  const names = [propertyOf(thrown, "code"), propertyOf(thrown, "name")].map(String);
  const named = names.map((name) => REFUSALS[name]).find((refusal) => refusal);
  if (named) return named;
  if (status === 404) return "noObject";
  // Emulators have another code for it.
  if (status === 401 || /failed to authenticate/i.test(messageOf(thrown))) return "credentials";
  if (status === 403) return "denied";
  return typeof status !== "number" || status === 429 || status >= 500 ? "unreachable" : undefined;
};

interface Properties {
  etag?: string | undefined;
  contentMD5?: Uint8Array | undefined;
  blobType?: string | undefined;
}

/** The service tells the MD5 of what was uploaded in one piece. Of a blob that is appended to, it may be an earlier one. */
const contentTagOf = ({ etag = "", contentMD5, blobType }: Properties): string =>
  contentMD5?.length === 16 && blobType === "BlockBlob"
    ? `md5:${Buffer.from(contentMD5).toString("hex")}`
    : `etag:${etag.replaceAll('"', "")}`;

/** Waits as long between attempts as the SDKs of the other services do. */
const SETTINGS: StoragePipelineOptions = { retryOptions: { maxTries: 3, retryDelayInMs: 500 } };

const connect = async (sdk: Sdk, address: string): Promise<BlobServiceClient> => {
  const {
    AZURE_STORAGE_CONNECTION_STRING: connection,
    AZURE_STORAGE_ACCOUNT: account,
    AZURE_STORAGE_KEY: key,
    AZURE_STORAGE_SAS_TOKEN: token,
    AZURE_STORAGE_SERVICE_ENDPOINT: endpoint = `https://${account}.blob.core.windows.net`,
  } = process.env;
  if (connection) return sdk.BlobServiceClient.fromConnectionString(connection, SETTINGS);
  if (!account)
    throw new UnsiloedError(
      "INVALID_OPTION",
      `${address}: expected AZURE_STORAGE_ACCOUNT or AZURE_STORAGE_CONNECTION_STRING in the environment, got neither`,
    );
  if (key) {
    const credential = new sdk.StorageSharedKeyCredential(account, key);
    return new sdk.BlobServiceClient(endpoint, credential, SETTINGS);
  }
  if (token) return new sdk.BlobServiceClient(`${endpoint}?${token.replace(/^\?/, "")}`, undefined, SETTINGS);
  const { DefaultAzureCredential } = await importOptional(
    () => import("@azure/identity"),
    "az:// without AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or AZURE_STORAGE_CONNECTION_STRING",
    "@azure/identity",
  );
  return new sdk.BlobServiceClient(endpoint, new DefaultAzureCredential(), SETTINGS);
};

/** A container of Azure Blob Storage, in the account that the environment names. */
class AzureStore implements ObjectStore {
  readonly #name: string;
  readonly #sdk: Sdk;
  readonly #service: BlobServiceClient;
  readonly #container: ContainerClient;

  constructor(container: string, sdk: Sdk, service: BlobServiceClient) {
    this.#name = container;
    this.#sdk = sdk;
    this.#service = service;
    this.#container = service.getContainerClient(container);
  }

  async *list(
    prefix: string,
    { signal, pageSize = PAGE_SIZE }: ListOptions = {},
  ): AsyncGenerator<StoredObject[]> {
    const options = { prefix, ...(signal && { abortSignal: signal }) };
    const pages = this.#container.listBlobsFlat(options).byPage({ maxPageSize: pageSize });
    for (;;) {
      const page = await this.#ask(prefix, signal, () => pages.next());
      if (page.done) return;
      yield page.value.segment.blobItems.map(({ name, properties }) => ({
        key: name,
        bytes: properties.contentLength ?? 0,
        contentTag: contentTagOf(properties),
      }));
    }
  }

  async find(key: string, { signal }: RequestOptions = {}): Promise<StoredObject | undefined> {
    const found = await this.#ask(key, signal, (options) =>
      this.#container
        .getBlobClient(key)
        .getProperties(options)
        .catch((thrown: unknown) => {
          if (statusOf(thrown) === 404) return undefined;
          throw thrown;
        }),
    );
    return found && { key, bytes: found.contentLength ?? 0, contentTag: contentTagOf(found) };
  }

  async presign(key: string, lifeSeconds: number): Promise<URL | undefined> {
    const { BlobSASPermissions, StorageSharedKeyCredential, generateBlobSASQueryParameters } = this.#sdk;
    const expiresOn = new Date(Date.now() + lifeSeconds * 1000);
    const permissions = BlobSASPermissions.parse("r");
    const blob = this.#container.getBlobClient(key);
    const { credential } = this.#service;
    if (credential instanceof StorageSharedKeyCredential)
      return new URL(await blob.generateSasUrl({ expiresOn, permissions }));
    if (credential instanceof this.#sdk.AnonymousCredential) return undefined;
    // An hour ago, since clocks differ.
    const startsOn = new Date(Date.now() - 3_600_000);
    const delegated = await this.#ask(key, undefined, () =>
      this.#service.getUserDelegationKey(startsOn, expiresOn).catch((thrown: unknown) => {
        if (statusOf(thrown) === 403) return undefined;
        throw thrown;
      }),
    );
    if (!delegated) return undefined;
    const values = { containerName: this.#name, blobName: key, permissions, startsOn, expiresOn };
    const query = generateBlobSASQueryParameters(values, delegated, this.#service.accountName);
    return new URL(`${blob.url}?${query}`);
  }

  async *read(key: string, { signal, range }: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const blob = this.#container.getBlobClient(key);
    const { readableStreamBody } = await this.#ask(key, signal, (options) =>
      blob.download(range?.start, range?.length, options),
    );
    try {
      for await (const part of readableStreamBody ?? []) yield Buffer.from(part);
    } catch (thrown) {
      throw this.#error(key, signal, thrown);
    }
  }

  async write(key: string, bytes: Uint8Array, { signal }: RequestOptions = {}): Promise<void> {
    const blob = this.#container.getBlockBlobClient(key);
    await this.#ask(key, signal, (options) => blob.upload(bytes, bytes.length, options));
  }

  async delete(key: string, { signal }: RequestOptions = {}): Promise<void> {
    await this.#ask(key, signal, (options) => this.#container.getBlobClient(key).deleteIfExists(options));
  }

  async #ask<T>(
    key: string,
    signal: AbortSignal | undefined,
    send: (options: { abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    try {
      return await send(signal ? { abortSignal: signal } : {});
    } catch (thrown) {
      throw this.#error(key, signal, thrown);
    }
  }

  #error(key: string, signal: AbortSignal | undefined, thrown: unknown): UnsiloedError {
    if (signal?.aborted) return abortError(signal);
    const refusal = refusalOf(thrown);
    const address = objectAddress({ scheme: "az", bucket: this.#name }, refusal === "noBucket" ? "" : key);
    return objectStoreError(refusal, { address, credentials: CREDENTIALS }, thrown);
  }
}

/** Opens a container. @throws UnsiloedError `MISSING_PACKAGE`; `INVALID_OPTION` when the environment names no account */
export const openAzure = async (container: string): Promise<ObjectStore> => {
  const sdk = await importSdk();
  const address = objectAddress({ scheme: "az", bucket: container });
  try {
    return new AzureStore(container, sdk, await connect(sdk, address));
  } catch (thrown) {
    if (thrown instanceof UnsiloedError) throw thrown;
    throw new UnsiloedError(
      "INVALID_OPTION",
      `${address}: the AZURE_STORAGE_… variables of the environment cannot be used (${messageOf(thrown)})`,
      { cause: thrown },
    );
  }
};
