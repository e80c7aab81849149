import type { EmulatorContext } from "../context.js";
import type { ActiveFault } from "../fault-rules.js";
import { type Answer, isoTime, jsonAnswer } from "../http/answer.js";
import { type ChunkShape, type ChunkSurvey, shapeChunks, surveyChunks } from "../jobs/chunk-shape.js";
import type { Job } from "../jobs/jobs.js";
import type { ReadyOutcome } from "../jobs/outcomes.js";
import { rewrite } from "../jobs/renew.js";
import type { PreparedResult } from "../jobs/saved-result.js";
import { type ResultView, shapeOf } from "./result-query.js";

type SavedChunks = NonNullable<PreparedResult["chunks"]>;

/** Results that were looked through already, each in the shapes that were asked for. */
const surveys = new WeakMap<SavedChunks, Map<string, Promise<ChunkSurvey>>>();

const surveyOf = (chunks: SavedChunks, shape: ChunkShape): Promise<ChunkSurvey> => {
  const known = surveys.get(chunks) ?? new Map<string, Promise<ChunkSurvey>>();
  surveys.set(chunks, known);
  const key = JSON.stringify(shape);
  const survey = known.get(key) ?? surveyChunks(shapeChunks(chunks.open(), shape));
  known.set(key, survey);
  // A file that cannot be read now may be there for the next request.
  survey.catch(() => known.delete(key));
  return survey;
};

const isShaped = (shape: ChunkShape): boolean => Object.keys(shape).length > 0;

/**
 * Says how much there is. A saved number counts, also where it names more chunks than there are; a change of the
 * chunks changes it by as many.
 */
const sizeFields = async (
  { fields, chunks }: PreparedResult,
  shape: ChunkShape,
): Promise<Record<string, unknown>> => {
  const { total_chunks, page_count } = fields;
  if (!chunks || (total_chunks != null && page_count != null && !isShaped(shape))) return {};
  const plain = await surveyOf(chunks, {});
  const { count } = isShaped(shape) ? await surveyOf(chunks, shape) : plain;
  if (plain.count === undefined || count === undefined) return {};
  const saved = typeof total_chunks === "number" ? total_chunks : plain.count;
  return { total_chunks: saved + count - plain.count, page_count: page_count ?? plain.lastPage ?? null };
};

type Succeeded = Extract<ReadyOutcome, { state: "Succeeded" }>;

/** Makes the fields of a job that succeeded: the saved ones, with the job's own. */
export const succeededFields = async (
  { settings }: EmulatorContext,
  job: Job,
  { result }: Succeeded,
  view: ResultView,
): Promise<Record<string, unknown>> => {
  const isNewer = settings.dialect === "2026-09";
  const saved = result.fields;
  const merges = job.options["merge_tables"];
  return {
    ...saved,
    ...(isNewer && (await sizeFields(result, shapeOf(job, view, settings.dialect)))),
    ...(isNewer && merges !== undefined && { merge_tables: merges }),
    ...(view.omitUrls && { file_url: null, pdf_url: null }),
    // As the submission was told; a job that no request made cost what was saved.
    ...(job.via !== "added" && { credit_used: settings.creditsPerJob }),
    job_id: job.jobId,
    status: job.state,
    ...(job.via !== "url" && { file_name: job.fileName }),
    ...(job.mediaType !== undefined && { file_type: job.mediaType }),
    created_at: isoTime(job.submittedAt),
    started_at: isoTime(job.startedAt ?? job.submittedAt),
    finished_at: isoTime(job.endedAt ?? job.submittedAt),
    metadata: saved["metadata"] ?? {},
  };
};

/** Makes the answer with the whole result: the job's own fields, then the chunks, streamed. */
export const resultAnswer = async (
  context: EmulatorContext,
  job: Job,
  outcome: Succeeded,
  view: ResultView,
  fault: ActiveFault | undefined,
): Promise<Answer> => {
  const { settings } = context;
  const { chunks } = outcome.result;
  const head = await succeededFields(context, job, outcome, view);
  if (!chunks) return jsonAnswer(head);
  const { base64Images, omitUrls } = view;
  const renewIds = settings.renewIds ? { seed: settings.seed, jobId: job.jobId } : undefined;
  const opening = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"chunks":`);
  const shape = shapeOf(job, view, settings.dialect);
  const isNewer = settings.dialect === "2026-09";
  return {
    status: 200,
    headers: { "Content-Type": "application/json" },
    body: (async function* () {
      yield opening;
      if (fault?.fault === "short")
        shape.first = Math.floor(((await surveyOf(chunks, shape)).count ?? 0) / 2);
      const displayNames = isNewer && !(await surveyOf(chunks, {})).hasDisplayNames;
      yield* rewrite(shapeChunks(chunks.open(), shape), {
        renewIds,
        base64Images,
        omitImages: omitUrls && !base64Images,
        displayNames,
      });
      yield Buffer.from("}");
    })(),
    roughSize: opening.length + chunks.size,
  };
};
