import { inspect } from "node:util";
import { expect } from "vitest";
import { PackedOpenAIEmbeddings, type PackedOpenAIOptions } from "../../../src/embeddings/openai/index.js";
import { UnsiloedError } from "../../../src/errors.js";
import { hashedVector } from "../hashed-vectors.js";
import { type ScriptedAnswer, type ScriptedRequest, startScripted } from "./scripted-server.js";

export const KEY = "secret-key-0123456789";
/** Opens embeddings by a server that answers as a test says. */
export const open = async (
  answer: (request: ScriptedRequest) => ScriptedAnswer,
  { path = "/v1", ...options }: PackedOpenAIOptions & { path?: string } = {},
) => {
  const server = await startScripted(answer);
  const embeddings = new PackedOpenAIEmbeddings({
    apiKey: KEY,
    baseURL: server.origin + path,
    maxRetries: 0,
    ...options,
  });
  return { server, embeddings };
};
export const vectorsOf = (texts: string[]) => texts.map((text) => [...hashedVector(text, 8)]);
/** Returns the error of two texts, which never shows the key. */
export const failure = async (embeddings: PackedOpenAIEmbeddings): Promise<UnsiloedError> => {
  const error: unknown = await embeddings.embedDocuments(["a", "b"]).catch((thrown: unknown) => thrown);
  if (!(error instanceof UnsiloedError)) throw new Error(`expected an error, got ${inspect(error)}`);
  expect(inspect(error, { depth: 10 })).not.toContain(KEY);
  return error;
};
