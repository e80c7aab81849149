import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ObjectScheme } from "../../../src/internal/object-store/address.js";
import { type ObjectStore, readAll } from "../../../src/internal/object-store/object-store.js";
import { ObjectStores } from "../../../src/internal/object-store/open-store.js";
import { KeptResults } from "../../../src/ledger/results/kept-results.js";
import { describeKeptResults, type KeptResultsUnderTest } from "../../contract/kept-results.js";
import { startAzure } from "../../support/object-stores/azure-server.js";
import { setEnvironment } from "../../support/object-stores/environment.js";
import { refuseAs, startS3 } from "../../support/object-stores/s3-server.js";

describeKeptResults("a directory", async () => {
  const parent = await mkdtemp(path.join(tmpdir(), "unsiloed-kept-"));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const directory = path.join(parent, "shared/results");
  return {
    directory,
    files: () => readdir(directory).catch(() => []),
    read: (file) => readFile(path.join(directory, file)),
    write: (file, bytes) => writeFile(path.join(directory, file), bytes),
  };
});

/** A prefix of a bucket that holds something else too. */
const prefixIn = async (scheme: ObjectScheme): Promise<KeptResultsUnderTest> => {
  const store: ObjectStore = await new ObjectStores().open({ scheme, bucket: "bucket" });
  await store.write("kept-elsewhere.pdf", Buffer.from("x"));
  const files = async () => {
    const names: string[] = [];
    for await (const page of store.list("kept/")) names.push(...page.map(({ key }) => key.slice(5)));
    return names;
  };
  return {
    directory: `${scheme}://bucket/kept`,
    files,
    read: (file) => readAll(store.read(`kept/${file}`)),
    write: (file, bytes) => store.write(`kept/${file}`, bytes),
  };
};

describeKeptResults("S3", async () => {
  setEnvironment((await startS3()).env);
  return prefixIn("s3");
});

describeKeptResults("Azure Blob Storage", async () => {
  setEnvironment({ AZURE_STORAGE_CONNECTION_STRING: undefined, ...(await startAzure()) });
  return prefixIn("az");
});

describe("kept results in an object store that refuses", () => {
  it("disturb no reader, and do not pass for results that are not there", async () => {
    const server = await startS3();
    setEnvironment(server.env);
    server.intercept = (_request, response) => refuseAs(response, 403, "AccessDenied");
    const problems: string[] = [];
    const results = new KeptResults({
      directory: "s3://bucket/kept/",
      onProblem: ({ code, message }) => problems.push(`${code} ${message}`),
    });
    const key = { docId: "a.pdf", contentHash: "c", parseHash: "p" };
    const refused = {
      code: "FILE_NOT_FOUND",
      message: expect.stringMatching(/^kept results: s3:.*access denied/),
    };
    await expect(results.connect()).rejects.toMatchObject(refused);
    await expect(results.read(key)).rejects.toMatchObject(refused);
    const info = { jobId: null, state: null, fileName: null, pageCount: null };
    const chunks = (async function* () {
      yield { chunkId: null, segments: [] };
    })();
    let read = 0;
    for await (const _ of results.keep(key, { info, chunks }).chunks) read += 1;
    expect(read).toBe(1);
    expect(problems).toEqual([
      expect.stringMatching(/^LEDGER_FAILED the result of "a.pdf" is not kept: s3:.*access denied/),
    ]);
    await expect(results.size()).rejects.toThrow(
      "the kept results cannot be listed: s3://bucket/kept/: access denied",
    );
  });
});
