import type { EmulatorContext, Exchange, Route } from "../context.js";
import type { FaultInfo } from "../fault-rules.js";
import { errors } from "../faults.js";
import { type Answer, isoTime, jsonAnswer } from "../http/answer.js";
import type { Job } from "../jobs/jobs.js";
import type { ReadyOutcome } from "../jobs/outcomes.js";
import { rewrite } from "../jobs/renew.js";
import { acceptedKey, tooFast } from "./admission.js";
import { forceOutcome } from "./submit-routes.js";

/** A boolean of the query; `undefined` when it is no boolean. */
const readFlag = (
  query: Readonly<Record<string, string>>,
  name: string,
  fallback: boolean,
): boolean | undefined => {
  const text = query[name];
  if (text === undefined) return fallback;
  return text === "true" ? true : text === "false" ? false : undefined;
};

/** `GET /parse/{job_id}`. */
export const jobRoute = (
  context: EmulatorContext,
  exchange: Exchange,
  info: FaultInfo,
  jobId: string,
): Route => ({
  info,
  run: async (fault) => {
    const { settings, jobs } = context;
    const key = acceptedKey(context, exchange);
    if (key === undefined) return errors.unauthorized(settings.clock.now());
    const limited = settings.rateLimit?.statusToo ? tooFast(context, key) : undefined;
    if (limited) return limited;
    const includeChunks = readFlag(info.query, "include_chunks", true);
    const base64Images = readFlag(info.query, "base64_urls", false);
    const outputFile = readFlag(info.query, "output_file", false);
    const includeUrl = readFlag(info.query, "include_url", false);
    if (
      includeUrl === undefined ||
      includeChunks === undefined ||
      base64Images === undefined ||
      outputFile === undefined
    )
      return errors.badRequest("Query flags must be true or false", settings.errorText);
    const job = jobs.find(jobId);
    const isNewer = settings.dialect === "2026-09";
    if (!job) return errors.notFound(jobId, settings.errorText);
    forceOutcome(job, fault);
    const { state, outcome } = await jobs.poll(job);
    if (outcome?.state !== "Succeeded") return jsonAnswer(unfinished(job, state, outcome));
    const omitUrls = isNewer && !includeUrl;
    const fields = succeededFields(job, outcome.result.fields, omitUrls);
    if (outputFile) {
      const file = { output_file_url: context.signedUrl(`/outputs/${job.jobId}.json`) };
      return jsonAnswer({ ...fields, ...(isNewer ? { result: file } : file) });
    }
    if (!includeChunks) return jsonAnswer(fields);
    return resultAnswer(context, job, outcome, { base64Images, omitUrls });
  },
});

const unfinished = (job: Job, state: string, outcome: ReadyOutcome | undefined): Record<string, unknown> => {
  const message = outcome && outcome.state !== "Succeeded" ? outcome.message : undefined;
  return {
    job_id: job.jobId,
    status: state,
    created_at: isoTime(job.submittedAt),
    ...(job.startedAt === undefined || state === "Cancelled" ? {} : { started_at: isoTime(job.startedAt) }),
    ...(job.endedAt === undefined || state !== "Failed" ? {} : { finished_at: isoTime(job.endedAt) }),
    metadata: {},
    ...(message === undefined ? {} : { message }),
  };
};

const succeededFields = (
  job: Job,
  replayed: Readonly<Record<string, unknown>>,
  omitUrls: boolean,
): Record<string, unknown> => ({
  ...replayed,
  ...(omitUrls ? { file_url: null, pdf_url: null } : {}),
  job_id: job.jobId,
  status: "Succeeded",
  ...(job.via === "url" ? {} : { file_name: job.fileName }),
  ...(job.mediaType === undefined ? {} : { file_type: job.mediaType }),
  created_at: isoTime(job.submittedAt),
  started_at: isoTime(job.startedAt ?? job.submittedAt),
  finished_at: isoTime(job.endedAt ?? job.submittedAt),
  metadata: replayed["metadata"] ?? {},
});

/** The whole result: the job's own fields, then the chunks, streamed. */
export const resultAnswer = (
  { settings }: EmulatorContext,
  job: Job,
  outcome: Extract<ReadyOutcome, { state: "Succeeded" }>,
  { base64Images = false, omitUrls = false } = {},
): Answer => {
  const { fields, chunks } = outcome.result;
  const head = succeededFields(job, fields, omitUrls);
  if (!chunks) return jsonAnswer(head);
  const renewIds = settings.renewIds ? { seed: settings.seed, jobId: job.jobId } : undefined;
  const opening = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"chunks":`);
  return {
    status: 200,
    headers: { "Content-Type": "application/json" },
    body: (async function* () {
      yield opening;
      yield* rewrite(chunks.open(), { renewIds, base64Images, omitImages: omitUrls && !base64Images });
      yield Buffer.from("}");
    })(),
    roughSize: opening.length + chunks.size,
  };
};
