import type { EmulatorContext, Exchange } from "../context.js";
import { errors } from "../faults.js";
import type { Answer } from "../http/answer.js";

/** The key a request carries, if it may come in. */
export const acceptedKey = ({ settings }: EmulatorContext, { request }: Exchange): string | undefined => {
  const key = request.headers["api-key"];
  if (typeof key !== "string" || key === "") return undefined;
  return settings.apiKey === undefined || key === settings.apiKey ? key : undefined;
};

/** The answer for a key that asks too often; counts the request otherwise. */
export const tooFast = (context: EmulatorContext, key: string): Answer | undefined => {
  const { settings, rate } = context;
  const waitMs = rate?.take(key, settings.clock.now()) ?? 0;
  if (waitMs === 0) return undefined;
  return errors.rateLimited(
    settings.errorText,
    settings.rateLimit?.retryAfter ? String(Math.ceil(waitMs / 1000)) : undefined,
  );
};

/** What stands in the way of a new job, before the request is even looked at. */
export const refusal = (context: EmulatorContext, exchange: Exchange): Answer | undefined => {
  const { settings, jobs } = context;
  const key = acceptedKey(context, exchange);
  if (key === undefined) return errors.unauthorized(settings.clock.now());
  const limited = tooFast(context, key);
  if (limited) return limited;
  if (jobs.creditsLeft < settings.creditsPerJob) return errors.quota(settings.errorText);
  if (settings.maxActiveJobs !== undefined && jobs.active >= settings.maxActiveJobs)
    return errors.queueFull(settings.errorText, settings.queueRetryAfter);
  return undefined;
};
