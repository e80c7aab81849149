import { z } from "zod";
import { messageOf, UnsiloedError } from "../../errors.js";
import { parseOptions } from "../../internal/options.js";

const text = z
  .string()
  .trim()
  .transform((value) => value || undefined)
  .optional();

/** Environment variables the command reads; an empty one counts as not set. */
const environmentSchema = z.object({
  /** Key of the parse service. */
  UNSILOED_API_KEY: text,
  /** Address of the parse service. */
  UNSILOED_BASE_URL: text,
  /** Key of the embedding service; makes OpenAI the default when it is set. */
  OPENAI_API_KEY: text,
  /** Address of an OpenAI-compatible embedding service. */
  OPENAI_BASE_URL: text,
  /** Address of a Qdrant server; makes Qdrant the default when it is set. */
  QDRANT_URL: text,
  QDRANT_API_KEY: text,
});

export type Environment = z.output<typeof environmentSchema>;

/** Returns the values that must never be shown or written to disk. */
export const secretsOf = (environment: Environment): string[] =>
  [environment.UNSILOED_API_KEY, environment.OPENAI_API_KEY, environment.QDRANT_API_KEY].filter(
    (secret) => secret !== undefined,
  );

/** Reads the environment variables and, for those that are not set, a `.env` file in the working directory. */
export const loadEnvironment = (): Environment => {
  readDotEnv();
  return parseOptions(environmentSchema, process.env, "environment");
};

const readDotEnv = (): void => {
  try {
    process.loadEnvFile(".env");
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return;
    throw new UnsiloedError(
      "INVALID_OPTION",
      `.env: expected a readable file of NAME=VALUE lines (${messageOf(thrown)}); correct or remove it`,
      { cause: thrown },
    );
  }
};
