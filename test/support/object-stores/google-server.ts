import { spawn } from "node:child_process";
import { createHash, createVerify, generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { describeWith } from "../describe-with.js";
import { freePort, listen } from "../listen.js";

/** Finds the emulator: on the PATH, or where Go puts programs. */
const findEmulator = (): string | undefined =>
  [...(process.env["PATH"] ?? "").split(path.delimiter), path.join(homedir(), "go/bin")]
    .map((directory) => path.join(directory, "fake-gcs-server"))
    .find((file) => existsSync(file));

/** Tests that need the emulator: skipped where it is not installed, also under `CI`, since building it takes minutes. */
export const describeWithGoogle = describeWith("fake-gcs-server", findEmulator() !== undefined);

/** Ends the emulator with its standard input: also when the process of the tests is killed, nothing is left behind. */
const SCRIPT = `"$0" "$@" & trap 'kill $!' EXIT; read -r _`;

/** Starts the emulator until the test ends. @returns its port */
const startEmulator = async (): Promise<number> => {
  const program = findEmulator();
  if (!program) throw new Error("no fake-gcs-server in the PATH or in ~/go/bin: see CONTRIBUTING.md");
  const port = await freePort();
  const options = ["-backend", "memory", "-scheme", "http", "-host", "127.0.0.1", "-port", String(port)];
  const child = spawn("sh", ["-c", SCRIPT, program, ...options], { stdio: ["pipe", "ignore", "pipe"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  onTestFinished(async () => {
    child.stdin.end();
    await ended;
  });
  for await (const line of createInterface({ input: child.stderr }))
    if (line.includes("server started")) return port;
  throw new Error("fake-gcs-server did not start");
};

const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const TOKEN = "token-of-the-tests";
const SUBJECT = "workload-of-the-tests";

const isSigned = (text: string, signature: Buffer): boolean =>
  createVerify("RSA-SHA256").update(text).verify(publicKey, signature);

/** Checks an address as https://cloud.google.com/storage/docs/authentication/canonical-requests describes it. */
const isSignedAddress = ({ method = "", url = "" }: IncomingMessage): boolean => {
  const [resource = "", query = ""] = url.split("?");
  const given = new URLSearchParams(query);
  const signature = Buffer.from(given.get("X-Goog-Signature") ?? "", "hex");
  given.delete("X-Goog-Signature");
  const names = [...given.keys()].sort();
  const canonical = names.map(
    (name) => `${encodeURIComponent(name)}=${encodeURIComponent(given.get(name) ?? "")}`,
  );
  // The SDK signs hosts without their ports.
  const request = [
    method,
    resource,
    canonical.join("&"),
    "host:127.0.0.1\n",
    "host",
    "UNSIGNED-PAYLOAD",
  ].join("\n");
  const [, ...scope] = (given.get("X-Goog-Credential") ?? "").split("/");
  const digest = createHash("sha256").update(request).digest("hex");
  return isSigned(
    ["GOOG4-RSA-SHA256", given.get("X-Goog-Date"), scope.join("/"), digest].join("\n"),
    signature,
  );
};

const answer = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

/** Exchanges the token of another service for one of Google's, as it does for workloads outside of Google Cloud. */
const giveToken = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  let body = "";
  for await (const part of request.setEncoding("utf8")) body += part;
  if (new URLSearchParams(body).get("subject_token") === SUBJECT)
    answer(response, 200, { access_token: TOKEN, expires_in: 3600, token_type: "Bearer" });
  else answer(response, 400, { error: "invalid_grant", error_description: "The subject is not known." });
};

const forward = (request: IncomingMessage, response: ServerResponse, port: number): void => {
  const { method, url, headers } = request;
  const { "accept-encoding": _, ...kept } = headers;
  const to = send(
    { host: "127.0.0.1", port, method, path: url, headers: { ...kept, host: "storage.googleapis.com" } },
    (from) => {
      response.writeHead(from.statusCode ?? 502, from.headers);
      from.pipe(response);
    },
  );
  to.on("error", () => response.destroy());
  request.pipe(to);
};

/** A key file of a service account, as Google Cloud makes them. Such a key signs here, and asks Google for tokens. */
const KEY = {
  type: "service_account",
  private_key: privateKey,
  client_email: "tests@tests.iam.gserviceaccount.com",
};

/** Credentials of a workload outside of Google Cloud, which ask the given address for tokens. */
const workload = (url: string, subject: string) => ({
  type: "external_account",
  audience: "//iam.googleapis.com/locations/global/workforcePools/tests/providers/tests",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  token_url: `${url}/token`,
  credential_source: { file: subject },
});

export interface GoogleServer {
  /** Environment for the SDK: to make requests, for which it asks the server for a token. */
  env: Record<string, string>;
  /** To sign addresses, which needs a key. */
  signing: Record<string, string>;
  /** To be refused. */
  refused: Record<string, string>;
  /** Answers requests in place of the emulator. @returns whether it did */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
}

/** Starts an emulator of Google Cloud Storage until the test ends, behind a server that checks tokens and signatures. */
export const startGoogle = async (buckets: readonly string[] = ["bucket"]): Promise<GoogleServer> => {
  const port = await startEmulator();
  for (const name of buckets)
    await fetch(`http://127.0.0.1:${port}/storage/v1/b?project=tests`, {
      method: "POST",
      body: JSON.stringify({ name }),
    });
  const server: GoogleServer = { env: {}, signing: {}, refused: {}, intercept: undefined };
  const http = createServer((request, response) => {
    const { url = "", headers } = request;
    if (server.intercept?.(request, response)) return;
    if (url === "/token") void giveToken(request, response);
    else if (headers.authorization === `Bearer ${TOKEN}`) forward(request, response, port);
    else if (!url.startsWith("/storage/v1/") && isSignedAddress(request)) forward(request, response, port);
    else
      answer(response, url.includes("X-Goog-") ? 403 : 401, {
        error: { code: 401, message: "Invalid Credentials" },
      });
  });
  const url = `http://127.0.0.1:${await listen(http)}`;
  const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-google-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = (name: string) => path.join(directory, name);
  const set = async (name: string, credentials: object) => {
    await writeFile(file(name), JSON.stringify(credentials));
    return { GOOGLE_APPLICATION_CREDENTIALS: file(name), CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: url };
  };
  await writeFile(file("subject"), SUBJECT);
  await writeFile(file("other"), "somebody else");
  server.env = await set("workload.json", workload(url, file("subject")));
  server.refused = await set("refused.json", workload(url, file("other")));
  server.signing = await set("key.json", KEY);
  return server;
};
