import { parseOptions } from "../internal/options.js";
import { type ActiveFault, type FaultInfo, type FaultRule, faultRuleSchema } from "./fault-rules.js";
import { type Answer, type ErrorForm, errorAnswer, isoTime, jsonAnswer } from "./http/answer.js";
import type { EmulatorSettings } from "./options.js";

const SUPPORTED_IN_MESSAGE = "pdf, png, jpg, jpeg, tiff, docx, pptx, xlsx";

const page = (status: number, title: string): Answer => ({
  status,
  headers: { "Content-Type": "text/html" },
  body: Buffer.from(
    `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  ),
});

const PII_BLOCKED = {
  job_id: null,
  status: "pii_blocked",
  blocked: true,
  reason: "The document contains personal data of high severity",
  severity: "high",
  total_findings: 2,
  by_category: { identity: 2 },
  by_type: { passport_number: 2 },
};

/** The service's error answers, each in its documented form unless another is asked for. */
export const errors = {
  notFound: (jobId: string, form: ErrorForm) => errorAnswer(`Job ${jobId} not found`, 404, form),
  unauthorized: (now: number) =>
    jsonAnswer(
      { detail: "Invalid API key", error_code: "UNAUTHORIZED", timestamp: isoTime(now, "seconds") },
      401,
    ),
  forbidden: (form: ErrorForm = "plain") => errorAnswer("Access denied", 403, form),
  quota: (form: ErrorForm = "plain") =>
    form === "envelope"
      ? jsonAnswer({ message: "Insufficient quota", status: 402, quota_data: { remaining: 0 } }, 402)
      : errorAnswer("Insufficient quota", 402, form),
  usageCap: (form: ErrorForm = "plain") =>
    errorAnswer("Usage limit exceeded", 429, form === "envelope" ? "plain" : form),
  rateLimited: (
    form: ErrorForm = "plain",
    retryAfter?: string,
    where: ActiveFault["retryAfterIn"] = "both",
  ) => {
    const message = "Rate limit exceeded";
    const isJson = form === "envelope";
    const inHeader = retryAfter !== undefined && (where !== "body" || !isJson);
    const headers: Record<string, string> = inHeader ? { "Retry-After": retryAfter } : {};
    if (!isJson) return errorAnswer(message, 429, form, headers);
    const seconds = Number((where === "header" ? undefined : retryAfter) ?? Number.NaN);
    return jsonAnswer({ message, ...(Number.isFinite(seconds) && { retry_after: seconds }) }, 429, headers);
  },
  queueFull: (form: ErrorForm = "plain", retryAfter = "20") =>
    errorAnswer("Job queue is at capacity", 503, form, { "Retry-After": retryAfter }),
  tooLarge: (form: ErrorForm = "plain", sizes?: { bytes: number; maxBytes: number }) => {
    const message = "Payload too large";
    if (form !== "envelope") return errorAnswer(message, 413, form);
    const { bytes, maxBytes } = sizes ?? { bytes: 524_288_001, maxBytes: 524_288_000 };
    return jsonAnswer(
      { error: "payload_too_large", message, file_size_bytes: bytes, max_file_size_bytes: maxBytes },
      413,
    );
  },
  unsupported: (extension: string, form: ErrorForm = "error") =>
    errorAnswer(
      `Unsupported file type: ${extension}. Supported extensions: ${SUPPORTED_IN_MESSAGE}`,
      400,
      form,
    ),
  serverError: (form: ErrorForm = "plain") => errorAnswer("Internal server error", 500, form),
  badRequest: (text: string, form: ErrorForm = "plain") => errorAnswer(text, 400, form),
};

/** The answer a fault stands for; `undefined` for faults of another kind, such as those of the connection. */
export const answerOf = (
  rule: ActiveFault,
  info: FaultInfo,
  now: number,
  { errorText, dialect }: Pick<EmulatorSettings, "errorText" | "dialect">,
): Answer | undefined => {
  const { fault, form } = rule;
  if (typeof fault === "object") {
    return typeof fault.body === "string"
      ? { status: fault.status, headers: { ...fault.headers }, body: Buffer.from(fault.body) }
      : jsonAnswer(fault.body, fault.status, { ...fault.headers });
  }
  const text = form ?? errorText;
  switch (fault) {
    case "not_found":
      return errors.notFound(info.jobId ?? "unknown", text);
    case "unauthorized":
      return form && form !== "detail" ? errorAnswer("Invalid API key", 401, form) : errors.unauthorized(now);
    case "forbidden":
      return errors.forbidden(text);
    case "pii_blocked":
      return jsonAnswer(PII_BLOCKED);
    case "quota":
      return errors.quota(text);
    case "usage_cap":
      return errors.usageCap(text);
    case "rate_limited":
      return errors.rateLimited(text);
    case "rate_limited_retry_after":
      return errors.rateLimited(text, rule.retryAfter ?? "20", rule.retryAfterIn);
    case "queue_full":
      return errors.queueFull(
        text,
        rule.retryAfter ?? (dialect === "2026-09" && info.method === "GET" ? "5" : "20"),
      );
    case "too_large":
      return errors.tooLarge(text);
    case "unsupported":
      return errors.unsupported(/\.[^.]+$/.exec(info.fileName ?? "")?.[0] ?? ".exe", form);
    case "server_error":
      return errors.serverError(text);
    case "not_json":
      return { ...page(200, "OK"), status: 200 };
    case "bad_gateway":
      return page(502, "Bad Gateway");
    case "timeout":
      return page(504, "Gateway Time-out");
    case "redirect":
      return {
        status: 307,
        headers: { Location: rule.location ?? "http://127.0.0.1:9/" },
        body: Buffer.alloc(0),
      };
    default:
      return undefined;
  }
};

interface Entry {
  rule: ActiveFault;
  seen: number;
}

/** The faults that are still to strike. */
export class FaultBook {
  readonly #entries: Entry[];

  constructor(rules: readonly ActiveFault[]) {
    this.#entries = rules.map((rule) => ({ rule, seen: 0 }));
  }

  add(rule: FaultRule): void {
    this.#entries.push({ rule: parseOptions(faultRuleSchema, rule, "addFault"), seen: 0 });
  }

  clear(): void {
    this.#entries.length = 0;
  }

  /** The first rule that strikes this request. Rules behind it do not count the request. */
  next(info: FaultInfo): ActiveFault | undefined {
    for (const entry of this.#entries) {
      const { rule } = entry;
      const usedUp = entry.seen >= rule.skip + rule.times;
      if (rule.on !== info.on || usedUp || (rule.match && !rule.match(info))) continue;
      entry.seen += 1;
      if (entry.seen > rule.skip) return rule;
    }
    return undefined;
  }
}
