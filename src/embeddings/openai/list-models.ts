import type { Clock } from "../../internal/async/clock.js";
import { propertyOf } from "../../internal/objects.js";
import { toEmbeddingError } from "./answers/errors.js";
import { openClient, secretsOf } from "./connection.js";
import type { PackedOpenAISettings } from "./options.js";

interface ListOptions {
  fetch: typeof globalThis.fetch | undefined;
  clock: Clock;
  signal?: AbortSignal | undefined;
}

/**
 * Asks a service for the names of its models, by `GET /models`, which costs nothing.
 *
 * @throws UnsiloedError as {@link toEmbeddingError} makes it
 */
export const listModels = async (
  settings: PackedOpenAISettings,
  { fetch, clock, signal }: ListOptions,
): Promise<string[]> => {
  const { apiKey, baseURL, dimensions, model } = settings;
  try {
    const client = await openClient(settings, fetch);
    const answer = await client.get<unknown>("/models", { ...(signal && { signal }) });
    const models = propertyOf(answer, "data");
    return Array.isArray(models) ? models.map((one) => String(propertyOf(one, "id"))) : [];
  } catch (thrown) {
    const secrets = secretsOf(settings);
    const context = { baseURL, model, dimensions, hasKey: apiKey !== undefined, secrets, now: clock.now() };
    throw toEmbeddingError(thrown, context);
  }
};
