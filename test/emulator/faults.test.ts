import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Emulator } from "../../src/emulator/emulator.js";
import { startEmulator } from "../../src/emulator/server.js";
import { DIALECTS } from "../../src/parse-api/jobs/dialects.js";
import { SteppedClock } from "../support/clocks/stepped-clock.js";
import {
  chunksOf,
  fileForm,
  getJob,
  KEY,
  objectOf,
  postForm,
  presign,
  SAMPLE,
  submit,
  textOf,
} from "../support/emulator/requests.js";

describe.each(DIALECTS)("in the dialect %s", (dialect) => {
  let emulator: Emulator;
  const clock = new SteppedClock();
  beforeEach(async () => {
    emulator = await startEmulator({ results: SAMPLE, dialect, clock, errorText: "plain" });
  });
  afterEach(() => emulator.close());

  /** Returns what a client sees of a request: the status and body, or that the connection broke. */
  const outcomeOf = async (sent: Promise<Response>): Promise<unknown> => {
    try {
      const response = await sent;
      return [response.status, await response.text()];
    } catch {
      return "broken";
    }
  };

  describe("a fault that is an answer", () => {
    const id = "04a7a6d8-5ef7-465a-b22a-8a98e7104dd9";
    const text = "text/plain; charset=utf-8";
    it.each([
      ["not_found", 404, text, null, `Job ${id} not found`],
      ["quota", 402, text, null, "Insufficient quota"],
      ["usage_cap", 429, text, null, "Usage limit exceeded"],
      ["rate_limited", 429, text, null, "Rate limit exceeded"],
      ["rate_limited_retry_after", 429, text, "20", "Rate limit exceeded"],
      ["queue_full", 503, text, "20", "Job queue is at capacity"],
      ["too_large", 413, text, null, "Payload too large"],
      ["server_error", 500, text, null, "Internal server error"],
    ] as const)("%s is as documented, or in another form", async (fault, status, type, retryAfter, body) => {
      emulator.addFault({ on: "status", fault });
      const plain = await getJob(emulator.url, id, "?include_chunks=false");
      expect([plain.status, plain.headers.get("content-type"), plain.headers.get("retry-after")]).toEqual([
        status,
        type,
        dialect === "2026-09" && fault === "queue_full" ? "5" : retryAfter,
      ]);
      expect(await plain.text()).toBe(body);
      for (const [form, expected] of [
        ["json", body],
        ["error", { error: body }],
        ["detail", { detail: body, error_code: `HTTP_${status}` }],
      ] as const) {
        emulator.addFault({ on: "status", fault, form, retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT" });
        const other = await getJob(emulator.url, id, "?include_chunks=false");
        expect([other.status, other.headers.get("content-type")]).toEqual([status, "application/json"]);
        expect(await other.json()).toEqual(expected);
        expect(other.headers.get("retry-after")).toBe(retryAfter && "Wed, 21 Oct 2026 07:28:00 GMT");
      }
    });

    it("applies to any request", async () => {
      for (const on of ["submit", "presign", "upload", "status", "result", "output"] as const)
        emulator.addFault({ on, fault: "server_error" });
      const answers = [
        await postForm(emulator.url, fileForm()),
        await presign(emulator.url, { file_name: "a.pdf" }),
        await getJob(emulator.url, "x", "?include_chunks=false"),
        await getJob(emulator.url, "x"),
      ];
      expect(emulator.submissions).toBe(0);
      const ticket = await objectOf(await presign(emulator.url, { file_name: "a.pdf" }));
      answers.push(await fetch(textOf(ticket["upload_url"]), { method: "PUT", body: "x" }));
      const done = await objectOf(
        await getJob(emulator.url, await submit(emulator.url), "?output_file=true"),
      );
      answers.push(await fetch(textOf(Object(done["result"] ?? done).output_file_url)));
      expect(answers.map(({ status }) => status)).toEqual([500, 500, 500, 500, 500, 500]);
      expect(emulator.requests.filter(({ fault }) => fault === "server_error")).toHaveLength(6);
    });

    it("covers keys, file types, proxies and custom answers", async () => {
      const next = async (rule: Omit<Parameters<Emulator["addFault"]>[0], "on">) => {
        emulator.addFault({ ...rule, on: "submit" });
        const form = fileForm("a.heic");
        return fetch(`${emulator.url}/parse`, {
          method: "POST",
          headers: KEY,
          body: form,
          redirect: "manual",
        });
      };
      expect(await (await next({ fault: "unauthorized" })).json()).toEqual({
        detail: "Invalid API key",
        error_code: "UNAUTHORIZED",
        timestamp: "2026-01-02T03:04:05Z",
      });
      expect(await (await next({ fault: "unsupported" })).json()).toEqual({
        error:
          "Unsupported file type: .heic. Supported extensions: pdf, png, jpg, jpeg, tiff, docx, pptx, xlsx",
      });
      for (const [fault, status] of [
        ["bad_gateway", 502],
        ["timeout", 504],
        ["not_json", 200],
      ] as const) {
        const response = await next({ fault });
        expect([response.status, response.headers.get("content-type")]).toEqual([status, "text/html"]);
        expect(await response.text()).toContain("<html>");
      }
      const redirect = await next({ fault: "redirect", location: `${emulator.filesUrl}/elsewhere` });
      expect([redirect.status, redirect.headers.get("location")]).toEqual([
        307,
        `${emulator.filesUrl}/elsewhere`,
      ]);
      const own = await next({ fault: { status: 418, headers: { "X-Own": "yes" }, body: { teapot: true } } });
      expect([own.status, own.headers.get("x-own"), await own.json()]).toEqual([
        418,
        "yes",
        { teapot: true },
      ]);
      const raw = await next({ fault: { status: 200, body: '{"job_id":' } });
      expect(await raw.text()).toBe('{"job_id":');
      expect(emulator.submissions).toBe(0);
      expect(emulator.requests.at(-1)).toMatchObject({ fault: "custom", status: 200 });
    });
  });

  describe("a fault of the job", () => {
    it.each([
      ["failed", "Failed", "Failed to process document: File appears to be corrupted"],
      ["cancelled", "Cancelled", undefined],
    ] as const)(
      "%s ends it for good, from its submission or from a poll on",
      async (fault, status, message) => {
        emulator.addFault({ on: "submit", fault });
        const doomed = await submit(emulator.url);
        const other = await submit(emulator.url);
        emulator.addFault({ on: "status", fault, match: ({ jobId }) => jobId === other, skip: 1 });
        const stateOf = async (id: string) =>
          objectOf(await getJob(emulator.url, id, "?include_chunks=false"));
        for (let poll = 0; poll < 2; poll++) {
          const body = await stateOf(doomed);
          expect([body["status"], body["message"]]).toEqual([status, message]);
        }
        expect((await stateOf(other))["status"]).toBe("Succeeded");
        expect((await stateOf(other))["status"]).toBe(status);
        expect((await objectOf(await getJob(emulator.url, other)))["status"]).toBe(status);
      },
    );
  });

  describe("a fault of the connection", () => {
    it("breaks the connection before or after the job is created", async () => {
      emulator.addFault({ on: "submit", fault: "reset" });
      expect(await outcomeOf(postForm(emulator.url, fileForm()))).toBe("broken");
      expect([emulator.submissions, emulator.jobs.length]).toEqual([0, 0]);
      emulator.addFault({ on: "submit", fault: "reset_after_accept" });
      expect(await outcomeOf(postForm(emulator.url, fileForm()))).toBe("broken");
      expect([emulator.submissions, emulator.jobs.length]).toEqual([1, 1]);
      expect(emulator.requests.map(({ fault, status }) => [fault, status])).toEqual([
        ["reset", undefined],
        ["reset_after_accept", undefined],
      ]);
    });

    it("breaks an upload halfway", async () => {
      const ticket = await objectOf(await presign(emulator.url, { file_name: "a.pdf" }));
      emulator.addFault({ on: "upload", fault: "reset_midway" });
      const headers = Object.fromEntries(Object.entries(ticket["upload_headers"] ?? {}));
      const body = new Blob([Buffer.alloc(8_000_000)]);
      expect(await outcomeOf(fetch(textOf(ticket["upload_url"]), { method: "PUT", headers, body }))).toBe(
        "broken",
      );
      expect(emulator.jobs[0]).toMatchObject({ bytes: 0, state: "AwaitingUpload" });
    });

    it.each(["", "?include_chunks=false"])("cuts the body of a GET%s in the middle", async (query) => {
      const id = await submit(emulator.url);
      const whole = await (await getJob(emulator.url, id, query)).text();
      const on = query ? "status" : "result";
      emulator.addFault({ on, fault: "cut" });
      const response = await getJob(emulator.url, id, query);
      expect(response.status).toBe(200);
      await expect(response.text()).rejects.toThrow();
      emulator.addFault({ on, fault: "truncated" });
      const half = await (await getJob(emulator.url, id, query)).text();
      expect(whole.startsWith(half)).toBe(true);
      expect(half.length).toBeGreaterThan(whole.length / 4);
      expect(half.length).toBeLessThan((whole.length * 3) / 4);
      expect(await (await getJob(emulator.url, id, query)).text()).toBe(whole);
    });

    it("sends the body slowly, by the clock", async () => {
      const id = await submit(emulator.url);
      const whole = await (await getJob(emulator.url, id)).text();
      emulator.addFault({ on: "result", fault: "slow", pieceBytes: 200_000, pieceMs: 1_000 });
      const response = await getJob(emulator.url, id);
      let done = false;
      const text = response.text().finally(() => {
        done = true;
      });
      await expect.poll(() => clock.pending).toBe(1);
      expect(done).toBe(false);
      const from = clock.now();
      while (!done) {
        clock.advance(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await text).toBe(whole);
      expect(clock.now() - from).toBeGreaterThanOrEqual(3_000);
    });

    it("hangs until the client gives up or the emulator closes", async () => {
      emulator.addFault({ on: "submit", fault: "hang", times: Number.POSITIVE_INFINITY });
      const controller = new AbortController();
      const request = { method: "POST", headers: KEY, body: fileForm(), signal: controller.signal };
      const given = outcomeOf(fetch(`${emulator.url}/parse`, request));
      const kept = outcomeOf(postForm(emulator.url, fileForm()));
      while (emulator.requests.filter(({ fault }) => fault === "hang").length < 2)
        await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      expect(await given).toBe("broken");
      await emulator.close();
      expect(await kept).toBe("broken");
    });
  });

  describe("rules", () => {
    it("skip, apply and end independently and in their order", async () => {
      emulator.addFault({ on: "status", fault: "server_error", skip: 1, times: 2 });
      emulator.addFault({ on: "status", fault: "bad_gateway", times: 1 });
      emulator.addFault({ on: "result", fault: "timeout" });
      const statuses: number[] = [];
      const id = await submit(emulator.url);
      for (let poll = 0; poll < 5; poll++)
        statuses.push((await getJob(emulator.url, id, "?include_chunks=false")).status);
      expect(statuses).toEqual([502, 500, 500, 200, 200]);
      expect((await getJob(emulator.url, id)).status).toBe(504);
      emulator.addFault({ on: "result", fault: "timeout", times: Number.POSITIVE_INFINITY });
      for (let poll = 0; poll < 3; poll++) expect((await getJob(emulator.url, id)).status).toBe(504);
      emulator.clearFaults();
      expect(chunksOf(await objectOf(await getJob(emulator.url, id)))).toHaveLength(22);
    });

    it("match by file name and job", async () => {
      emulator.addFault({ on: "submit", fault: "quota", match: ({ fileName }) => fileName === "b.pdf" });
      const statuses: number[] = [];
      for (const name of ["a.pdf", "b.pdf", "b.pdf"])
        statuses.push((await postForm(emulator.url, fileForm(name))).status);
      expect(statuses).toEqual([200, 402, 200]);
    });

    it("are checked", () => {
      expect(() => emulator.addFault({ on: "status", fault: "server_error", times: 0 })).toThrow(
        "addFault: times",
      );
      const wrong = { on: "status", fault: "no_such_fault" };
      expect(() => Reflect.apply(emulator.addFault, emulator, [wrong])).toThrow(
        /^addFault: fault: expected one of not_found, .*, got "no_such_fault" \(string\)$/,
      );
    });
  });
});
