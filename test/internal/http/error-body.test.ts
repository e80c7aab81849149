import { describe, expect, it } from "vitest";
import { plainReason, readErrorBody, withoutStatus } from "../../../src/internal/http/error-body.js";

const reasonOf = (body: unknown): string =>
  readErrorBody(typeof body === "string" ? body : JSON.stringify(body), 0).reason;

it.each([
  ["502 Bad Gateway", 502, "Bad Gateway"],
  ["404: page not found", 404, "page not found"],
  ["502", 502, ""],
  ["500 texts are too many", 400, "500 texts are too many"],
  ["400th text is blank", 400, "400th text is blank"],
])("a reason is not to repeat the status before it: %s", (reason, status, left) => {
  expect(withoutStatus(reason, status)).toBe(left);
});

describe("the body of an error", () => {
  it.each([
    ["Rate limit exceeded", "Rate limit exceeded"],
    ['"Job x not found"', "Job x not found"],
    [{ error: "Unsupported file type: .exe" }, "Unsupported file type: .exe"],
    [{ detail: "Invalid API key", error_code: "UNAUTHORIZED" }, "Invalid API key"],
    [{ error: { code: "task_not_found", message: "No such job", details: null } }, "No such job"],
    [{ message: "Insufficient quota", status: 402, quota_data: { remaining: 0 } }, "Insufficient quota"],
    [{ error: "payload_too_large", message: "Too large", max_file_size_bytes: 9 }, "Too large"],
    ["<html><head><title>502 Bad Gateway</title></head></html>", "502 Bad Gateway"],
    ["<!DOCTYPE html><html><body><h1>413 Too large</h1></body></html>", "413 Too large"],
    [{ errors: ["input: too long", { message: "again" }] }, "input: too long; again"],
    [{ object: "error", message: "No such model", type: "NotFoundError", code: 404 }, "No such model"],
    ["", ""],
  ])("is read in the form %j", (body, reason) => {
    expect(reasonOf(body)).toBe(reason);
  });

  it("is never shown as JSON", () => {
    const loc = ["body", "page_range"];
    expect(reasonOf({ detail: [{ loc, msg: "Field required" }, { msg: "Too long" }] })).toBe(
      "page_range: Field required; Too long",
    );
    expect(reasonOf({ error: { code: "excel_not_supported_here" } })).toBe("excel_not_supported_here");
    for (const body of [
      { error: { status: 5 } },
      { quota: {} },
      [[]],
      5,
      { error: { error: { error: [{ a: 1 }] } } },
    ])
      expect(reasonOf(body)).toBe("");
    const deep = `${'{"error":'.repeat(5_000)}"x"${"}".repeat(5_000)}`;
    expect(reasonOf(deep)).toBe("");
  });

  it("is shortened", () => {
    expect(reasonOf("x".repeat(5_000))).toHaveLength(300);
    expect(reasonOf({ message: "x y\n".repeat(500) })).toHaveLength(300);
  });

  it("has a code and a time to wait in the places where services put them", () => {
    const read = (body: unknown) => {
      const { code, retryAfterMs } = readErrorBody(JSON.stringify(body), 0);
      return { code, retryAfterMs };
    };
    expect(read({ error: { code: "busy", message: "Busy", retry_after: 3 } })).toEqual({
      code: "busy",
      retryAfterMs: 3_000,
    });
    expect(read({ error: { details: { retry_after: "4" } }, error_code: "B" })).toEqual({
      code: "B",
      retryAfterMs: 4_000,
    });
    expect(read({ retry_after: 1e9 }).retryAfterMs).toBe(300_000);
    expect(read({ retry_after: -1 })).toEqual({ code: undefined, retryAfterMs: undefined });
    expect(read("plain")).toEqual({ code: undefined, retryAfterMs: undefined });
  });
});

describe("the message of a failed job", () => {
  it.each([
    ["no such font", "no such font"],
    ["{not JSON}", "{not JSON}"],
    ["[page 3] torn", "[page 3] torn"],
    ['{"error":{"code":"FONT","message":"no such font"}}', "no such font"],
    ['{"detail":[{"msg":"torn"},{"msg":"blank"}]}', "torn; blank"],
    ['"no such font"', "no such font"],
  ])("is unwrapped where it is JSON: %s", (message, reason) => {
    expect(plainReason(message)).toBe(reason);
  });
});
