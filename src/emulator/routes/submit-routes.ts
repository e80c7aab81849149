import { isRecord } from "../../internal/objects.js";
import type { EmulatorContext, Exchange, Route } from "../context.js";
import type { ActiveFault, FaultInfo } from "../fault-rules.js";
import { errors } from "../faults.js";
import { type Answer, envelopeAnswer, errorAnswer, isoTime, jsonAnswer } from "../http/answer.js";
import { type ParsedForm, parseForm, readBody } from "../http/multipart.js";
import { checkFields, fileType } from "../jobs/form-fields.js";
import type { Job, NewJob } from "../jobs/jobs.js";
import { refusal } from "./admission.js";

const fileNameOf = (url: string): string => {
  const last = URL.canParse(url) ? new URL(url).pathname.split("/").at(-1) : undefined;
  if (!last) return "unknown";
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
};

/** Makes the job, bound to end as the fault says when it is one of that kind. */
const createJob = (
  context: EmulatorContext,
  exchange: Exchange,
  job: NewJob,
  fault: ActiveFault | undefined,
): Job => {
  const made = context.jobs.create(job);
  forceOutcome(made, fault);
  exchange.record.jobId = made.jobId;
  return made;
};

export const forceOutcome = (job: Job, fault: ActiveFault | undefined): void => {
  if (fault?.fault === "failed")
    job.forced = { fail: fault.message ?? "Failed to process document: File appears to be corrupted" };
  if (fault?.fault === "cancelled") job.forced = { cancel: fault.message ?? true };
};

const JSON_TYPE = /^application\/json\b/i;

/** What a submission holds, whether it came as a form or as JSON. */
interface SubmittedFields {
  fields: [string, unknown][];
  file?: NonNullable<ParsedForm["file"]>;
  /** How many fields named `file` or `url` there are. */
  sources: number;
  isJson?: boolean;
}

/** Reads a JSON submission, which can name a URL only. */
const formOfJson = (body: Buffer): SubmittedFields | undefined => {
  const fields = parseJsonObject(body);
  return fields && { fields: [...fields], sources: fields.has("url") ? 1 : 0, isJson: true };
};

/** Finds whether a file was sent to the wrong one of `POST /parse` and `POST /parse/excel`. */
const wrongEndpoint = (path: string, extension: string): Answer | undefined => {
  const isWorkbook = /^\.xlsx?$/i.test(extension);
  if (isWorkbook === (path === "/parse/excel")) return undefined;
  return isWorkbook
    ? envelopeAnswer("excel_not_supported_here", "Excel files go to POST /parse/excel", 400)
    : envelopeAnswer(
        "unsupported_file_type",
        `POST /parse/excel takes .xls and .xlsx, got ${extension}`,
        400,
      );
};

/** Serves `POST /parse` and, in the newer form, `POST /parse/excel`. */
export const submitRoute = async (
  context: EmulatorContext,
  exchange: Exchange,
  info: FaultInfo,
): Promise<Route> => {
  const { settings } = context;
  const body = await readBody(exchange.request, settings.maxFormBytes);
  const contentType = exchange.request.headers["content-type"] ?? "";
  const isJson = settings.dialect === "2026-09" && JSON_TYPE.test(contentType);
  const form = body && (isJson ? formOfJson(body) : await parseForm(body, contentType));
  const given = form?.fields.find(([name]) => name === "url")?.[1];
  const url = typeof given === "string" ? given : undefined;
  const fileName = form?.file?.name ?? (url === undefined ? undefined : fileNameOf(url));
  return {
    info: fileName === undefined ? info : { ...info, fileName },
    run: (fault) => {
      const refused = refusal(context, exchange);
      if (refused) return refused;
      if (!body)
        return errors.tooLarge(settings.errorText, {
          bytes: Number(exchange.request.headers["content-length"] ?? settings.maxFormBytes + 1),
          maxBytes: settings.maxFormBytes,
        });
      if (!form) return errors.badRequest("Expected multipart/form-data", settings.errorText);
      return submit(context, exchange, form, url, fault);
    },
  };
};

const submit = (
  context: EmulatorContext,
  exchange: Exchange,
  form: SubmittedFields,
  url: string | undefined,
  fault: ActiveFault | undefined,
): Answer => {
  const { settings, jobs } = context;
  const bad = (text: string) => errors.badRequest(text, settings.errorText);
  if (form.sources !== 1 || (!form.file && url === undefined))
    return bad("Exactly one of file and url must be provided");
  if (url !== undefined && !/^https?:\/\/./.test(url)) return bad("url must be an http or https URL");
  const type = fileType(form.file?.name ?? "");
  if (form.file && !type.mediaType) return errors.unsupported(type.extension);
  const { extension } = fileType(form.file?.name ?? fileNameOf(url ?? ""));
  const isTyped = form.file !== undefined || extension !== ".";
  const misplaced =
    settings.dialect === "2026-09" && isTyped ? wrongEndpoint(exchange.record.path, extension) : undefined;
  if (misplaced) return misplaced;
  const checked = checkFields(
    form.fields.filter(([name]) => name !== "url"),
    {
      dialect: settings.dialect,
      call: exchange.record.path === "/parse/excel" ? "excel" : "parse",
      fromForm: form.isJson !== true,
    },
  );
  if (checked.error !== undefined) return bad(checked.error);
  const job = createJob(
    context,
    exchange,
    {
      fileName: form.file?.name ?? fileNameOf(url ?? ""),
      via: form.file ? "file" : "url",
      ...(url === undefined ? {} : { url }),
      options: checked.options,
      unknownOptions: checked.unknown,
      mediaType: type.mediaType,
      bytes: form.file?.bytes ?? 0,
      sha256: form.file?.sha256 ?? "",
    },
    fault,
  );
  return jsonAnswer({
    job_id: job.jobId,
    status: job.state,
    file_name: form.file ? job.fileName : "unknown",
    created_at: isoTime(job.submittedAt),
    message: "Task created. Poll GET /parse/{job_id} for status.",
    credit_used: settings.creditsPerJob,
    quota_remaining: jobs.creditsLeft,
    merge_tables: job.options["merge_tables"] === true,
  });
};

const parseJsonObject = (body: Buffer): Map<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return isRecord(value) ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
};

/** `POST /v2/parse/upload`. */
export const presignRoute = async (
  context: EmulatorContext,
  exchange: Exchange,
  info: FaultInfo,
): Promise<Route> => {
  const body = await readBody(exchange.request, 1024 * 1024);
  const fields = body && parseJsonObject(body);
  const fileName = fields?.get("file_name");
  return {
    info: typeof fileName === "string" ? { ...info, fileName } : info,
    run: (fault) => refusal(context, exchange) ?? presign(context, exchange, fields, fault),
  };
};

const presign = (
  context: EmulatorContext,
  exchange: Exchange,
  fields: Map<string, unknown> | undefined,
  fault: ActiveFault | undefined,
): Answer => {
  const { settings } = context;
  const isJson = JSON_TYPE.test(exchange.request.headers["content-type"] ?? "");
  if (!fields || !isJson) return errorAnswer("Expected a JSON object", 400, settings.errorText);
  const fileName = fields.get("file_name");
  if (typeof fileName !== "string" || fileName === "")
    return errors.badRequest("file_name is required", settings.errorText);
  const rules = { dialect: settings.dialect, call: "upload", fromForm: false } as const;
  const { extension, mediaType } = fileType(fileName, rules);
  if (!mediaType) return errors.unsupported(extension);
  fields.delete("file_name");
  const checked = checkFields(fields, rules);
  if (checked.error !== undefined) return errors.badRequest(checked.error, settings.errorText);
  const job = createJob(
    context,
    exchange,
    {
      fileName,
      via: "upload",
      options: checked.options,
      unknownOptions: checked.unknown,
      mediaType,
      bytes: 0,
      sha256: "",
    },
    fault,
  );
  const asked = settings.dialect === "2026-09" ? job.options["expires_in"] : undefined;
  const lifetime = typeof asked === "number" ? asked : settings.urlsExpireIn;
  return jsonAnswer({
    job_id: job.jobId,
    upload_url: context.signedUrl(`/uploads/${job.jobId}/${encodeURIComponent(fileName)}`, lifetime),
    expires_at: isoTime(settings.clock.now() + lifetime * 1000, "seconds"),
    upload_method: "PUT",
    upload_headers: uploadHeaders(job),
  });
};

/** What a PUT must carry: the media type, and a second header that a client cannot guess. */
export const uploadHeaders = (job: Job): Record<string, string> => ({
  "Content-Type": job.mediaType ?? "application/octet-stream",
  "x-amz-meta-job-id": job.jobId,
});
