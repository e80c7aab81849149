import type { EmulatorContext, Exchange, Route } from "../context.js";
import type { FaultInfo } from "../fault-rules.js";
import type { Answer } from "../http/answer.js";
import { hashBody } from "../http/multipart.js";
import type { Job } from "../jobs/jobs.js";
import { resultAnswer } from "./result-answer.js";
import { readView } from "./result-query.js";
import { forceOutcome, uploadHeaders } from "./submit-routes.js";

/** An error as object storage writes it. */
export const storageError = (status: number, code: string, message: string): Answer => ({
  status,
  headers: { "Content-Type": "application/xml" },
  body: Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  ),
});

/** What object storage finds wrong with a signed URL. */
const badSignature = (context: EmulatorContext, { url }: Exchange): Answer | undefined => {
  const { signature, expires } = context.signatureOf(url.pathname, Number(url.searchParams.get("expires")));
  if (url.searchParams.get("signature") !== signature)
    return storageError(403, "SignatureDoesNotMatch", "The request signature does not match.");
  if (context.settings.clock.now() >= expires)
    return storageError(403, "AccessDenied", "Request has expired");
  return undefined;
};

type FileRoute = (context: EmulatorContext, exchange: Exchange, info: FaultInfo, job: Job) => Route;

/** The PUT of a presigned upload. */
export const uploadRoute: FileRoute = (context, exchange, info, job) => ({
  info: { ...info, jobId: job.jobId, fileName: job.fileName },
  run: async (fault) => {
    const wrong = badSignature(context, exchange) ?? wrongUpload(exchange, job);
    const { bytes, sha256 } = await hashBody(exchange.request);
    if (wrong) return wrong;
    forceOutcome(job, fault);
    context.jobs.uploaded(job, bytes, sha256);
    return { status: 200, headers: { ETag: `"${sha256.slice(0, 32)}"` }, body: Buffer.alloc(0) };
  },
});

const wrongUpload = ({ request }: Exchange, job: Job): Answer | undefined => {
  for (const [name, value] of Object.entries(uploadHeaders(job))) {
    if (request.headers[name.toLowerCase()] !== value)
      return storageError(403, "SignatureDoesNotMatch", `The signed header ${name} is missing or differs.`);
  }
  if (request.headers.authorization !== undefined)
    return storageError(400, "InvalidArgument", "Only one auth mechanism allowed");
  // S3 takes no chunked bodies: the length must be known beforehand.
  if (request.headers["transfer-encoding"] !== undefined)
    return storageError(
      501,
      "NotImplemented",
      "A header implies functionality that is not implemented: Transfer-Encoding",
    );
  if (request.headers["content-length"] === undefined)
    return storageError(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
  return undefined;
};

/** The download of `output_file_url`: the whole result as one file. */
export const outputRoute: FileRoute = (context, exchange, info, job) => ({
  info: { ...info, jobId: job.jobId, fileName: job.fileName },
  run: async (fault) => {
    const wrong = badSignature(context, exchange);
    if (wrong) return wrong;
    const view = readView(exchange.record.query, context.settings.dialect);
    const outcome = await context.jobs.ended(job);
    if (outcome?.state !== "Succeeded" || !view)
      return storageError(404, "NoSuchKey", "The specified key does not exist.");
    return resultAnswer(context, job, outcome, view, fault);
  },
});
