import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { listen } from "../listen.js";

interface EmulatorOptions {
  directory: string;
  silent: boolean;
  allowMismatchedSignatures: boolean;
  configureBuckets: { name: string }[];
}
interface Emulator {
  callback(): RequestListener;
  configureBuckets(): Promise<unknown>;
}
const require = createRequire(import.meta.url);
// The package has no types.
const S3Emulator: new (options: EmulatorOptions) => Emulator = require("@20minutes/s3rver");

/** It writes the tokens of pages in DES, which OpenSSL 3 has no more: here they are in AES. */
const useAes = (name: "createCipheriv" | "createDecipheriv"): void => {
  const crypto: typeof import("node:crypto") = require("node:crypto");
  const original = crypto[name];
  Object.assign(crypto, {
    [name]: (algorithm: string, key: Buffer, iv: Buffer, ...rest: []) =>
      algorithm === "des"
        ? original("aes-128-cbc", Buffer.concat([key, key]), Buffer.concat([iv, iv]), ...rest)
        : original(algorithm, key, iv, ...rest),
  });
};
useAes("createCipheriv");
useAes("createDecipheriv");

/** What the SDK and users of S3 set to reach the server. */
export const S3_KEYS = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" };

export interface S3Request {
  method: string;
  /** With the query. */
  path: string;
  /** Whether it is signed by headers, by its address, or not at all. */
  signedBy: "header" | "address" | "nothing";
}

export interface S3Server {
  url: string;
  /** Environment for the SDK. */
  env: Record<string, string>;
  requests: S3Request[];
  /** Answers requests in place of the emulator. @returns whether it did */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
}

const signatureOf = ({ headers, url = "" }: IncomingMessage): S3Request["signedBy"] =>
  headers.authorization !== undefined ? "header" : url.includes("X-Amz-Signature=") ? "address" : "nothing";

/** Answers as S3 does to a request that it refuses. */
export const refuseAs = (response: ServerResponse, status: number, code: string, headers = {}): true => {
  response.writeHead(status, { "content-type": "application/xml", ...headers });
  response.end(
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>as the test wants</Message></Error>`,
  );
  return true;
};

/**
 * Starts an emulator of S3 until the test ends, which checks signatures and lets nobody in without one.
 *
 * The emulator computes another signature for requests of the bucket itself than the SDK does, so for these an instance on
 * the same directory checks only the key.
 */
export const startS3 = async (buckets: readonly string[] = ["bucket"]): Promise<S3Server> => {
  const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-s3-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const open = (allowMismatchedSignatures: boolean): Emulator =>
    new S3Emulator({
      directory,
      silent: true,
      allowMismatchedSignatures,
      configureBuckets: buckets.map((name) => ({ name })),
    });
  const ofObjects = open(false);
  const ofBuckets = open(true);
  await ofObjects.configureBuckets();
  const answers = { objects: ofObjects.callback(), buckets: ofBuckets.callback() };
  const server: S3Server = { url: "", env: {}, requests: [], intercept: undefined };
  const http = createServer((request, response) => {
    const { method = "", url = "" } = request;
    const signedBy = signatureOf(request);
    server.requests.push({ method, path: url, signedBy });
    if (server.intercept?.(request, response)) return;
    if (signedBy === "nothing") refuseAs(response, 403, "AccessDenied");
    else if (/^\/[^/?]+\/?(?:\?|$)/.test(url)) answers.buckets(request, response);
    else answers.objects(request, response);
  });
  server.url = `http://127.0.0.1:${await listen(http)}`;
  server.env = {
    ...S3_KEYS,
    AWS_ENDPOINT_URL_S3: server.url,
    AWS_REGION: "us-east-1",
    // No service of metadata and no files of the user may have credentials.
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_SHARED_CREDENTIALS_FILE: path.join(directory, "none"),
    AWS_CONFIG_FILE: path.join(directory, "none"),
  };
  return server;
};
