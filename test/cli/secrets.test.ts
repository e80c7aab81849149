import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Emulator } from "../../src/emulator/emulator.js";
import { startEmulator } from "../../src/emulator/server.js";
import { runHosted } from "../support/cli/run-cli.js";
import { textOf } from "../support/kept-file.js";
import { OpenAIServer } from "../support/openai/server.js";
import { QdrantDouble } from "../support/qdrant-double/server.js";

const PARSE_KEY = "unsiloed-4f9a7c1e-must-not-leak";
const OPENAI_KEY = "sk-proj-b71d-must-not-leak";
const QDRANT_KEY = "qdrant-c03e-must-not-leak";
const SIGNATURE = "X-Amz-Signature=deadbeef-must-not-leak";
const SECRETS = [PARSE_KEY, OPENAI_KEY, QDRANT_KEY, "deadbeef-must-not-leak"];

let cwd: string;
let emulator: Emulator;
let openai: OpenAIServer;
let qdrant: QdrantDouble;

beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), "unsiloed-secrets-"));
  await mkdir(path.join(cwd, "docs"));
  const picture = `https://files.example/p.png?${SIGNATURE}`;
  const segments = [
    { segment_type: "Text", content: "Alpha beta.", page_number: 1, image: picture },
    { segment_type: "Picture", content: "A plant.", page_number: 1, image: picture },
  ];
  emulator = await startEmulator({
    apiKey: PARSE_KEY,
    results: ({ fileName }) =>
      fileName === "bad.pdf"
        ? { fail: `no access to ${picture} with api-key: ${PARSE_KEY}` }
        : { chunks: [{ chunk_id: "c", segments }] },
  });
  openai = await OpenAIServer.start({ dimensions: 8, apiKey: OPENAI_KEY });
  qdrant = await QdrantDouble.start({ apiKey: QDRANT_KEY });
});

afterEach(async () => {
  await Promise.all([emulator.close(), openai.close(), qdrant.close()]);
  await rm(cwd, { recursive: true, force: true });
});

const keys = () => ({
  UNSILOED_API_KEY: PARSE_KEY,
  UNSILOED_BASE_URL: emulator.url,
  OPENAI_API_KEY: OPENAI_KEY,
  OPENAI_BASE_URL: openai.baseURL,
  QDRANT_URL: qdrant.url,
  QDRANT_API_KEY: QDRANT_KEY,
});

/** Reads everything that the command wrote to its directory, decompressed if necessary. */
const filesOf = async (directory: string): Promise<[string, string][]> => {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  return Promise.all(
    names
      .filter((entry) => entry.isFile())
      .map(async (entry): Promise<[string, string]> => {
        const file = path.join(entry.parentPath, entry.name);
        const bytes = await readFile(file);
        return [file, file.endsWith(".result") ? textOf(bytes) : bytes.toString("latin1")];
      }),
  );
};

it("no key and no signature is printed or stored", async () => {
  for (const name of ["a.pdf", "b.pdf", "bad.pdf"])
    await writeFile(path.join(cwd, "docs", name), `%PDF-1.7 ${name}`);
  const shown: string[] = [];
  const cli = async (args: string[], env: Record<string, string> = {}) => {
    const run = await runHosted(args, { cwd, env: { ...keys(), ...env } });
    shown.push(run.stdout, run.stderr);
    return run;
  };
  const INGEST = ["ingest", "docs", "--poll-interval", "20", "--rate-limit", "100000"];

  // Services that repeat what they received, and redirects to another host.
  const echo = {
    status: 400,
    body: { error: `refused, api-key: ${PARSE_KEY} at ${emulator.url}/x?${SIGNATURE}` },
  };
  emulator.addFault({ on: "submit", fault: echo, match: ({ fileName }) => fileName === "b.pdf" });
  openai.faults.push({ kind: "error", status: 400, message: `Incorrect API key provided: ${OPENAI_KEY}` });
  qdrant.faults.add({
    fault: { kind: "status", status: 403, message: `api-key ${QDRANT_KEY} is not allowed` },
  });
  await cli(INGEST);
  emulator.addFault({
    on: "status",
    fault: "redirect",
    location: `https://elsewhere.example/?key=${PARSE_KEY}`,
  });
  await cli([...INGEST, "--json"]);
  await cli(INGEST);
  const whole = await cli(["retry", "--json", ...INGEST.slice(2)]);
  expect(JSON.parse(whole.stdout).failures).toMatchObject([{ code: "JOB_FAILED" }]);
  expect(await qdrantPoints()).toContain("Alpha beta.");

  await cli(["status", "--all", "--json"]);
  await cli(["plan", "docs"]);
  await cli(["search", "alpha", "--json"]);
  for (const name of ["UNSILOED_API_KEY", "OPENAI_API_KEY", "QDRANT_API_KEY"])
    await cli([...INGEST, "--collection", "fresh"], { [name]: `${name.toLowerCase()}-wrong-must-not-leak` });
  await cli([...INGEST, "--store", "lancedb:vectors", "--json"]);

  expect(shown.join("\n").length).toBeGreaterThan(1_000);
  const written = await filesOf(cwd);
  expect(written.some(([file]) => file.endsWith(".result"))).toBe(true);
  expect(written.some(([file]) => file.includes("ledger"))).toBe(true);
  const places: [string, string][] = [
    ...written,
    ["output", shown.join("\n")],
    ["Qdrant", await qdrantPoints()],
  ];
  for (const [place, text] of places)
    for (const secret of [...SECRETS, "wrong-must-not-leak"])
      expect(text.includes(secret), `${secret} in ${place}`).toBe(false);
});

const qdrantPoints = async (): Promise<string> => {
  const answer = await fetch(`${qdrant.url}/collections/unsiloed/points/scroll`, {
    method: "POST",
    headers: { "api-key": QDRANT_KEY, "content-type": "application/json" },
    body: JSON.stringify({ limit: 1_000, with_payload: true }),
  });
  return answer.text();
};
