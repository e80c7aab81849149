import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { readBody, send, sendJson } from "./exchange.js";
import type { Latencies } from "./latencies.js";

const FILE_NAME = Buffer.from('filename="');

/** Finds the name of the file in a multipart form. */
const fileNameIn = (form: Buffer): string => {
  const start = form.indexOf(FILE_NAME) + FILE_NAME.length;
  return form.toString("utf8", start, form.indexOf('"', start));
};

/** Returns milliseconds since 1970, with fractions. */
const now = (): number => performance.timeOrigin + performance.now();

/**
 * Serves the parse API on saved results: `name.pdf` is answered with `name.json` of the directory. Results are in memory
 * and sent as they are behind the fields of the job; the emulator of the package shapes each, which takes processor time.
 */
export const parseService = (pace: Latencies, directory: string) => {
  const jobs = new Map<string, { name: string; endsAt: number }>();
  const results = new Map<string, Buffer>();
  const counts = { parseRequests: 0, firstSubmission: 0 };

  /** Returns a result without its opening brace. */
  const resultOf = (name: string): Buffer => {
    const known = results.get(name);
    if (known) return known;
    const bytes = readFileSync(path.join(directory, name.replace(/\.pdf$/, ".json"))).subarray(1);
    results.set(name, bytes);
    return bytes;
  };

  const server = createServer(async (request, response) => {
    counts.parseRequests += 1;
    if (request.method === "POST") {
      counts.firstSubmission ||= now();
      const name = fileNameIn(await readBody(request));
      resultOf(name);
      const job_id = `job-${jobs.size + 1}`;
      jobs.set(job_id, { name, endsAt: now() + pace.jobMs });
      return sendJson(response, 200, { job_id, status: "Starting", file_name: name });
    }
    request.resume();
    const url = new URL(request.url ?? "/", "http://parse");
    const job_id = url.pathname.split("/").at(-1) ?? "";
    const job = jobs.get(job_id);
    if (!job) return sendJson(response, 404, { error: `no job ${job_id}` });
    const status = now() >= job.endsAt ? "Succeeded" : "Processing";
    const fields = { job_id, status };
    if (status !== "Succeeded" || url.searchParams.get("include_chunks") === "false")
      return sendJson(response, 200, fields);
    const head = Buffer.from(`${JSON.stringify(fields).slice(0, -1)},`);
    return send(response, 200, [head, resultOf(job.name)]);
  });
  return { server, counts };
};
