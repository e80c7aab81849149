import { createRequire } from "node:module";
import { onTestFinished } from "vitest";

interface Emulator {
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
}
const require = createRequire(import.meta.url);
// These parts of the package are not typed for users, who start it as a program.
const {
  default: BlobServer,
}: { default: new (settings: object) => Emulator } = require("azurite/dist/src/blob/BlobServer");
const {
  default: BlobConfiguration,
}: { default: new (...settings: unknown[]) => object } = require("azurite/dist/src/blob/BlobConfiguration");

/** The account of the emulator, which its documentation names. */
const ACCOUNT = "devstoreaccount1";
const KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/** An emulator on a free port, which keeps everything in memory and knows calls that are newer than itself. */
const settings = (): object => {
  const [host, port, keepAliveSeconds, paths] = ["127.0.0.1", 0, 5, ["", "", []]];
  const [isLogged, logTo, isDebugged, debugFile, isLoose] = [false, undefined, false, undefined, false];
  const [skipsVersionCheck, certificate, key, password, oauth] = [true, "", "", "", undefined];
  return new BlobConfiguration(
    ...[host, port, keepAliveSeconds, ...paths, isLogged, logTo, isDebugged, debugFile, isLoose],
    ...[skipsVersionCheck, certificate, key, password, oauth, false, true],
  );
};

/** Starts an emulator of Azure Blob Storage until the test ends. @returns environment for the SDK */
export const startAzure = async (
  containers: readonly string[] = ["bucket"],
): Promise<Record<string, string>> => {
  const server = new BlobServer(settings());
  await server.start();
  onTestFinished(() => server.close());
  const endpoint = `${server.getHttpServerAddress()}/${ACCOUNT}`;
  const { BlobServiceClient, StorageSharedKeyCredential } = await import("@azure/storage-blob");
  const service = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(ACCOUNT, KEY));
  for (const name of containers) await service.createContainer(name);
  return {
    AZURE_STORAGE_ACCOUNT: ACCOUNT,
    AZURE_STORAGE_KEY: KEY,
    AZURE_STORAGE_SERVICE_ENDPOINT: endpoint,
  };
};
