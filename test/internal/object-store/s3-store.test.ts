import { describe, expect, it } from "vitest";
import { openS3 } from "../../../src/internal/object-store/s3-store.js";
import { describeObjectStore } from "../../contract/object-store.js";
import { setEnvironment } from "../../support/object-stores/environment.js";
import { refuseAs, startS3 } from "../../support/object-stores/s3-server.js";
import { errorOf } from "../../support/parse-service.js";

const startWith = async (variables: Record<string, string | undefined> = {}) => {
  const server = await startS3();
  setEnvironment({ ...server.env, ...variables });
  return server;
};

describeObjectStore("S3", async () => {
  await startWith();
  return {
    scheme: "s3",
    open: openS3,
    openWithWrongKey: (bucket) => {
      setEnvironment({ AWS_ACCESS_KEY_ID: "WRONG" });
      return openS3(bucket);
    },
  };
});

const listOnce = async () => {
  const store = await openS3("bucket");
  for await (const page of store.list("a/")) return page;
  return undefined;
};

describe("S3", () => {
  it("follows a bucket to its region, and signs addresses for it", async () => {
    const server = await startWith();
    server.intercept = ({ headers }, response) =>
      !String(headers.authorization).includes("/eu-north-1/") &&
      refuseAs(response, 301, "PermanentRedirect", { "x-amz-bucket-region": "eu-north-1" });
    const store = await openS3("bucket");
    await store.write("a.pdf", Buffer.from("a"));
    expect(String(await store.presign("a.pdf", 60))).toContain("%2Feu-north-1%2Fs3%2F");
    expect(server.requests.length).toBe(2);
  });

  it("needs no region for a server of its own, nor for the first call to Amazon's", async () => {
    await startWith({ AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined });
    expect(await listOnce()).toEqual([]);
    setEnvironment({ AWS_ENDPOINT_URL_S3: undefined, AWS_ENDPOINT_URL: undefined });
    const store = await openS3("bucket");
    expect(String(await store.presign("a.pdf", 60))).toMatch(
      /^https:\/\/bucket\.s3\.[\w.-]*amazonaws\.com\/a\.pdf\?/,
    );
  });

  it("says that there are no credentials, and where they are looked for", async () => {
    await startWith({
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_PROFILE: undefined,
    });
    const error = await errorOf(listOnce());
    expect(error.code).toBe("UNAUTHORIZED");
    expect(error.message).toContain(
      "s3://bucket/a/: no credentials were accepted (Could not load credentials",
    );
    expect(error.message).toContain("AWS_ACCESS_KEY_ID");
  });

  it("tells what may not be read from what cannot be reached", async () => {
    const server = await startWith();
    server.intercept = (_request, response) => refuseAs(response, 403, "AccessDenied");
    const denied = await errorOf(listOnce());
    expect(denied).toMatchObject({ code: "FILE_NOT_FOUND", retryable: false });
    expect(denied.message).toContain(
      "s3://bucket/a/: access denied (as the test wants); allow these credentials",
    );
    setEnvironment({ AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1", AWS_MAX_ATTEMPTS: "1" });
    const down = await errorOf(listOnce());
    expect(down).toMatchObject({ code: "SERVICE_UNAVAILABLE", retryable: true });
    expect(down.message).toContain("the object store cannot be reached");
  });
});
