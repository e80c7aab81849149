import type { EmulatorContext, Exchange, Route } from "../context.js";
import type { FaultInfo } from "../fault-rules.js";
import { errors } from "../faults.js";
import { isoTime, jsonAnswer } from "../http/answer.js";
import type { Job } from "../jobs/jobs.js";
import type { ReadyOutcome } from "../jobs/outcomes.js";
import { acceptedKey, tooFast } from "./admission.js";
import { resultAnswer, succeededFields } from "./result-answer.js";
import { readView } from "./result-query.js";
import { forceOutcome } from "./submit-routes.js";

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
    const view = readView(info.query, settings.dialect);
    if (!view) return errors.badRequest("Query flags must be true or false", settings.errorText);
    const job = jobs.find(jobId);
    if (!job) return errors.notFound(jobId, settings.errorText);
    forceOutcome(job, fault);
    const outcome = await jobs.poll(job);
    if (outcome?.state !== "Succeeded") return jsonAnswer(unfinished(job, outcome));
    if (!view.outputFile && view.includeChunks) return resultAnswer(context, job, outcome, view, fault);
    const fields = await succeededFields(context, job, outcome, view);
    if (!view.outputFile) return jsonAnswer(fields);
    // The file holds what this request asked for, so its address repeats the query.
    const query = new URLSearchParams(exchange.url.searchParams);
    query.delete("output_file");
    const file = { output_file_url: `${context.signedUrl(`/outputs/${job.jobId}.json`)}&${query}` };
    return jsonAnswer({ ...fields, ...(settings.dialect === "2026-09" ? { result: file } : file) });
  },
});

const unfinished = (job: Job, outcome: ReadyOutcome | undefined): Record<string, unknown> => {
  const message = outcome && outcome.state !== "Succeeded" ? outcome.message : undefined;
  const isCancelled = outcome?.state === "Cancelled";
  const isFailed = outcome?.state === "Failed";
  return {
    job_id: job.jobId,
    status: job.state,
    created_at: isoTime(job.submittedAt),
    ...(job.startedAt !== undefined && !isCancelled && { started_at: isoTime(job.startedAt) }),
    ...(job.endedAt !== undefined && isFailed && { finished_at: isoTime(job.endedAt) }),
    metadata: {},
    ...(message !== undefined && { message }),
  };
};
