import { describe, expect, it } from "vitest";
import { openAzure } from "../../../src/internal/object-store/azure-store.js";
import type { ObjectStore } from "../../../src/internal/object-store/object-store.js";
import { describeObjectStore } from "../../contract/object-store.js";
import { startAzure } from "../../support/object-stores/azure-server.js";
import { setEnvironment } from "../../support/object-stores/environment.js";
import { errorOf } from "../../support/parse-service.js";

/** What could name an account or its credentials on the machine of the tests. */
const NOTHING = Object.fromEntries(
  ["CONNECTION_STRING", "ACCOUNT", "KEY", "SAS_TOKEN", "SERVICE_ENDPOINT"].map((name) => [
    `AZURE_STORAGE_${name}`,
    undefined,
  ]),
);

const startWith = async (variables: Record<string, string | undefined> = {}) => {
  const env = await startAzure();
  setEnvironment({ ...NOTHING, ...env, ...variables });
  return env;
};

describeObjectStore("Azure Blob Storage", async () => {
  await startWith();
  return {
    scheme: "az",
    open: openAzure,
    openWithWrongKey: (container) => {
      setEnvironment({ AZURE_STORAGE_KEY: Buffer.from("wrong").toString("base64") });
      return openAzure(container);
    },
  };
});

const listOnce = async (store: ObjectStore) => {
  for await (const page of store.list("a/")) return page;
  return undefined;
};

describe("Azure Blob Storage", () => {
  it("takes a connection string, and signs with its key", async () => {
    const { AZURE_STORAGE_KEY, AZURE_STORAGE_SERVICE_ENDPOINT, AZURE_STORAGE_ACCOUNT } = await startWith();
    setEnvironment({
      ...NOTHING,
      AZURE_STORAGE_CONNECTION_STRING: `DefaultEndpointsProtocol=http;AccountName=${AZURE_STORAGE_ACCOUNT};AccountKey=${AZURE_STORAGE_KEY};BlobEndpoint=${AZURE_STORAGE_SERVICE_ENDPOINT}`,
    });
    const store = await openAzure("bucket");
    await store.write("a/b.pdf", Buffer.from("hello"));
    const url = await store.presign("a/b.pdf", 60);
    expect(await (await fetch(url ?? "")).text()).toBe("hello");
  });

  it("takes a shared access signature, which cannot sign for one blob", async () => {
    const { AZURE_STORAGE_KEY = "", AZURE_STORAGE_ACCOUNT = "" } = await startWith();
    const sdk = await import("@azure/storage-blob");
    const token = sdk.generateAccountSASQueryParameters(
      {
        expiresOn: new Date(Date.now() + 3_600_000),
        permissions: sdk.AccountSASPermissions.parse("rwdl"),
        services: "b",
        resourceTypes: "co",
      },
      new sdk.StorageSharedKeyCredential(AZURE_STORAGE_ACCOUNT, AZURE_STORAGE_KEY),
    );
    setEnvironment({ AZURE_STORAGE_KEY: undefined, AZURE_STORAGE_SAS_TOKEN: `?${token}` });
    const store = await openAzure("bucket");
    await store.write("a/b.pdf", Buffer.from("hello"));
    expect(await listOnce(store)).toMatchObject([{ key: "a/b.pdf", bytes: 5 }]);
    expect(await store.presign("a/b.pdf", 60)).toBeUndefined();
  });

  it("says that no account is named", async () => {
    setEnvironment(NOTHING);
    const error = await errorOf(openAzure("bucket"));
    expect(error).toMatchObject({ code: "INVALID_OPTION" });
    expect(error.message).toBe(
      "az://bucket/: expected AZURE_STORAGE_ACCOUNT or AZURE_STORAGE_CONNECTION_STRING in the environment, got neither",
    );
  });

  it("says that a connection string is none", async () => {
    setEnvironment({ ...NOTHING, AZURE_STORAGE_CONNECTION_STRING: "AccountName=only" });
    const error = await errorOf(openAzure("bucket"));
    expect(error).toMatchObject({ code: "INVALID_OPTION" });
    expect(error.message).toContain(
      "az://bucket/: the AZURE_STORAGE_… variables of the environment cannot be used",
    );
  });

  it("knows blobs that were uploaded in parts by their tag", async () => {
    const {
      AZURE_STORAGE_KEY = "",
      AZURE_STORAGE_ACCOUNT = "",
      AZURE_STORAGE_SERVICE_ENDPOINT = "",
    } = await startWith();
    const sdk = await import("@azure/storage-blob");
    const credential = new sdk.StorageSharedKeyCredential(AZURE_STORAGE_ACCOUNT, AZURE_STORAGE_KEY);
    const service = new sdk.BlobServiceClient(AZURE_STORAGE_SERVICE_ENDPOINT, credential);
    const blob = service.getContainerClient("bucket").getBlockBlobClient("a/b.pdf");
    await blob.stageBlock("AAAA", Buffer.from("hello"), 5);
    await blob.commitBlockList(["AAAA"]);
    const store = await openAzure("bucket");
    const [listed] = (await listOnce(store)) ?? [];
    expect(listed?.contentTag).toMatch(/^etag:0x\w+$/);
    expect(await store.find("a/b.pdf")).toEqual(listed);
  });

  it("tells what cannot be reached", async () => {
    await startWith({ AZURE_STORAGE_SERVICE_ENDPOINT: "http://127.0.0.1:1/devstoreaccount1" });
    const down = await errorOf(listOnce(await openAzure("bucket")));
    expect(down).toMatchObject({ code: "SERVICE_UNAVAILABLE", retryable: true });
    expect(down.message).toContain("az://bucket/a/: the object store cannot be reached");
  });
});
