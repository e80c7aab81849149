import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openGoogle } from "../../../src/internal/object-store/google-store.js";
import { describeObjectStore } from "../../contract/object-store.js";
import { setEnvironment } from "../../support/object-stores/environment.js";
import { describeWithGoogle, startGoogle } from "../../support/object-stores/google-server.js";
import { errorOf } from "../../support/parse-service.js";

const startWith = async () => {
  const server = await startGoogle();
  setEnvironment({ STORAGE_EMULATOR_HOST: undefined, ...server.env });
  return server;
};

/** Sets credentials that need no network, from a file of the given contents. */
const setCredentials = async (contents?: object) => {
  const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-google-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = path.join(directory, "credentials.json");
  if (contents) await writeFile(file, JSON.stringify(contents));
  setEnvironment({
    STORAGE_EMULATOR_HOST: undefined,
    CLOUDSDK_CONFIG: directory,
    METADATA_SERVER_DETECTION: "none",
    GOOGLE_APPLICATION_CREDENTIALS: contents && file,
  });
};

describeObjectStore(
  "Google Cloud Storage",
  async () => {
    const { refused, signing } = await startWith();
    return {
      scheme: "gs",
      open: async (bucket) => {
        const store = await openGoogle(bucket);
        const presign = async (key: string, lifeSeconds: number) => {
          setEnvironment(signing);
          return (await openGoogle(bucket)).presign(key, lifeSeconds);
        };
        return {
          presign,
          list: (...given) => store.list(...given),
          find: (...given) => store.find(...given),
          read: (...given) => store.read(...given),
          write: (...given) => store.write(...given),
          delete: (...given) => store.delete(...given),
        };
      },
      openWithWrongKey: (bucket) => {
        setEnvironment(refused);
        return openGoogle(bucket);
      },
    };
  },
  describeWithGoogle,
);

const listOnce = async () => {
  const store = await openGoogle("bucket");
  for await (const page of store.list("a/")) return page;
  return undefined;
};

const answerWith = (response: ServerResponse, body: object, status = 200): true => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
  return true;
};

describeWithGoogle("Google Cloud Storage", () => {
  it("says that there are no credentials, and where they are looked for", async () => {
    const { env } = await startWith();
    await setCredentials();
    setEnvironment({ ...env, GOOGLE_APPLICATION_CREDENTIALS: undefined });
    const error = await errorOf(listOnce());
    expect(error.code).toBe("UNAUTHORIZED");
    expect(error.message).toContain("gs://bucket/a/: no credentials were accepted (");
    expect(error.message).toContain("GOOGLE_APPLICATION_CREDENTIALS");
  });

  it("tells what may not be read from what is not there", async () => {
    const server = await startWith();
    const message = "tests does not have storage.objects.list access";
    server.intercept = ({ url = "" }, response) =>
      url.startsWith("/storage/") && answerWith(response, { error: { code: 403, message } }, 403);
    const denied = await errorOf(listOnce());
    expect(denied).toMatchObject({ code: "FILE_NOT_FOUND", retryable: false });
    expect(denied.message).toContain(`gs://bucket/a/: access denied (${message}); allow these credentials`);
  });

  it("knows objects that were composed of others by their generation", async () => {
    const server = await startWith();
    const composed = { name: "a/b.pdf", size: "5", generation: "1700000000000001", crc32c: "mnG7TA==" };
    server.intercept = ({ url = "" }, response) =>
      url.startsWith("/storage/") && answerWith(response, { items: [composed] });
    expect(await listOnce()).toEqual([
      { key: "a/b.pdf", bytes: 5, contentTag: "generation:1700000000000001" },
    ]);
  });
});

describe("Google Cloud Storage without a server", () => {
  it("makes no addresses with the credentials of a user, who has no key to sign with", async () => {
    const secrets = { client_id: "id", client_secret: "secret", refresh_token: "token" };
    await setCredentials({ type: "authorized_user", ...secrets });
    const store = await openGoogle("bucket");
    expect(await store.presign("a/b.pdf", 60)).toBeUndefined();
  });

  it("tells what cannot be reached", async () => {
    setEnvironment({ STORAGE_EMULATOR_HOST: "http://127.0.0.1:1" });
    const down = await errorOf(listOnce());
    expect(down).toMatchObject({ code: "SERVICE_UNAVAILABLE", retryable: true });
    expect(down.message).toContain("gs://bucket/a/: the object store cannot be reached");
  });
});
