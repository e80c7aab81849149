import { createServer, type RequestListener } from "node:http";
import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../../src/emulator/index.js";
import { redact } from "../../../src/parse-api/redact.js";
import { listen } from "../../support/listen.js";
import { API_KEY, errorOf, openService, pdf } from "../../support/parse-service.js";

const FORMS = ["plain", "json", "error", "detail", "envelope"] as const;

const JOB = "04a7a6d8-5ef7-465a-b22a-8a98e7104dd9";

describe("error bodies", () => {
  const cases = [
    ["not_found", "JOB_NOT_FOUND", `404: Job ${JOB} not found`],
    ["unauthorized", "UNAUTHORIZED", "401: Invalid API key"],
    ["forbidden", "JOB_FORBIDDEN", `job ${JOB} is not open to this API key (403: Access denied)`],
    ["quota", "OUT_OF_CREDITS", "402: Insufficient quota"],
    ["usage_cap", "USAGE_LIMIT", "429: Usage limit exceeded"],
    ["rate_limited", "RATE_LIMITED", "429: Rate limit exceeded"],
    ["queue_full", "SERVICE_UNAVAILABLE", "503: Job queue is at capacity"],
    ["too_large", "FILE_TOO_LARGE", "413: Payload too large"],
    ["unsupported", "UNSUPPORTED_FILE", "Unsupported file type: .exe"],
    ["server_error", "SERVICE_UNAVAILABLE", "500: Internal server error"],
  ] as const;
  for (const [fault, code, message] of cases) {
    it(`mean the same in every form: ${fault}`, async () => {
      for (const form of FORMS) {
        const rule: FaultRule = { on: "status", fault, form, times: Number.POSITIVE_INFINITY };
        const { client } = await openService({ faults: [rule] });
        const error = await errorOf(client.getStatus(JOB));
        expect(error).toMatchObject({ code, context: { jobId: JOB } });
        expect(error.message).toContain(message);
      }
    });
  }

  it("that are not documented are a refusal or a retryable failure", async () => {
    for (const [status, code, tries] of [
      [400, "BAD_REQUEST", 1],
      [422, "BAD_REQUEST", 1],
      [418, "BAD_REQUEST", 1],
      [403, "JOB_FORBIDDEN", 1],
      [503, "SERVICE_UNAVAILABLE", 4],
      [507, "SERVICE_UNAVAILABLE", 4],
    ] as const) {
      const fault = { status, body: "no" };
      const rule: FaultRule = { on: "status", fault, times: Number.POSITIVE_INFINITY };
      const { client, emulator } = await openService({ faults: [rule] });
      expect((await errorOf(client.getStatus(JOB))).code).toBe(code);
      expect(emulator.requests).toHaveLength(tries);
    }
  });

  it("that forbid a submission mean that the key is refused", async () => {
    for (const on of ["submit", "presign"] as const) {
      const { client, emulator } = await openService(
        { faults: [{ on, fault: "forbidden" }] },
        { uploadThresholdBytes: on === "presign" ? 0 : 100 },
      );
      const error = await errorOf(client.submitFile(pdf()));
      expect(error).toMatchObject({ code: "UNAUTHORIZED", context: { status: 403 } });
      expect(emulator.requests).toHaveLength(1);
    }
  });

  it("in the form of September 2026 give their code to programs", async () => {
    const { client } = await openService({ dialect: "2026-09" });
    expect((await errorOf(client.getStatus(JOB))).context).toEqual({
      jobId: JOB,
      status: 404,
      serviceCode: "task_not_found",
    });
  });

  it("refuse a kind of file by their code, with any message", async () => {
    const body = { error: { code: "unsupported_file_type", message: "POST /parse takes no such files" } };
    const { client } = await openService({ faults: [{ on: "submit", fault: { status: 400, body } }] });
    expect(await errorOf(client.submitFile(pdf()))).toMatchObject({
      code: "UNSUPPORTED_FILE",
      message: "submitting report.pdf: POST /parse takes no such files",
    });
  });

  it("say how long to wait, in the header or in the body", async () => {
    for (const [headers, body, ms] of [
      [{ "Retry-After": "7" }, { message: "Rate limit exceeded" }, 7_000],
      [{}, { message: "Rate limit exceeded", retry_after: 9 }, 9_000],
      [{ "Retry-After": "7" }, { message: "Rate limit exceeded", retry_after: 9 }, 7_000],
    ] as const) {
      const rule: FaultRule = { on: "submit", fault: { status: 429, headers, body } };
      const { client, clock, emulator } = await openService({ faults: [rule] });
      const begun = clock.now();
      await client.submitFile(pdf());
      expect([clock.now() - begun, emulator.requests.length]).toEqual([ms, 2]);
    }
  });

  it("say that the base URL is wrong when the endpoint does not exist", async () => {
    const { client } = await openService({ faults: [{ on: "submit", fault: "not_found" }] });
    const error = await errorOf(client.submitFile(pdf()));
    expect(error.code).toBe("BAD_REQUEST");
    expect(error.message).toContain("check baseUrl");
  });
});

describe("secrets", () => {
  it("are not shown in errors even when the service repeats them", async () => {
    const body = `key ${API_KEY} may not read https://u:p@bucket.example/x.pdf?X-Amz-Signature=abc#frag now`;
    const { client } = await openService({ faults: [{ on: "status", fault: { status: 400, body } }] });
    const error = await errorOf(client.getStatus(JOB));
    expect(error.message).toContain("key [api key] may not read https://bucket.example/x.pdf now");
    expect(JSON.stringify([error.message, error.context, error.cause])).not.toContain(API_KEY);
  });

  it("are removed from addresses", () => {
    expect(redact("see https://a.example/b?c=d, ok")).toBe("see https://a.example/b ok");
    expect(redact("no address here?x=1")).toBe("no address here?x=1");
  });
});

describe("redirects", () => {
  const serve = async (listener: RequestListener): Promise<string> =>
    `http://127.0.0.1:${await listen(createServer(listener))}`;

  it("to another host are not followed, so that the key stays secret", async () => {
    let asked = 0;
    const other = await serve((_request, response) => {
      asked += 1;
      response.end("{}");
    });
    for (const on of ["status", "result", "submit", "presign"] as const) {
      const faults = [{ on, fault: "redirect" as const, location: `${other}/elsewhere?token=s3cret` }];
      const { client, emulator } = await openService(
        { faults },
        { uploadThresholdBytes: on === "presign" ? 0 : 100 },
      );
      const jobId = emulator.addJob();
      const call =
        on === "status"
          ? client.getStatus(jobId)
          : on === "result"
            ? client.readResult(jobId)
            : client.submitFile(pdf());
      const error = await errorOf(call);
      expect(error).toMatchObject({ code: "SERVICE_UNAVAILABLE", retryable: false });
      expect(error.message).toContain(`redirects to ${other}/elsewhere, which is not followed`);
      expect(error.message).not.toContain("s3cret");
    }
    expect(asked).toBe(0);
  });

  it("within the host are followed, and a submission is sent with its file", async () => {
    const seen: string[] = [];
    const base = await serve((request, response) => {
      let bytes = 0;
      request.on("data", (piece: Buffer) => {
        bytes += piece.length;
      });
      request.on("end", () => {
        seen.push(`${request.method} ${request.url} ${request.headers["api-key"] === API_KEY} ${bytes > 0}`);
        if (request.url === "/v1/parse") response.writeHead(307, { location: "/v2/parse" }).end();
        else response.end(JSON.stringify({ job_id: "job-1", status: "Starting" }));
      });
    });
    const { client } = await openService({}, { baseUrl: `${base}/v1/` });
    expect((await client.submitFile(pdf())).jobId).toBe("job-1");
    expect(seen).toEqual(["POST /v1/parse true true", "POST /v2/parse true true"]);
  });

  it("that would change the method of a submission, or never end, are not followed", async () => {
    for (const [status, hops] of [
      [302, 1],
      [307, 6],
    ] as const) {
      let asked = 0;
      const base = await serve((request, response) => {
        asked += 1;
        request.resume().on("end", () => response.writeHead(status, { location: "/parse" }).end());
      });
      const { client } = await openService({}, { baseUrl: base });
      expect((await errorOf(client.submitFile(pdf()))).code).toBe("SERVICE_UNAVAILABLE");
      expect(asked).toBe(hops);
    }
  });
});
