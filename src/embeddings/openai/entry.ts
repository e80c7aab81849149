import { UnsiloedError } from "../../errors.js";
import { readHeaderLine } from "../../internal/http/header-line.js";
import type { ModelEntry } from "../model-entry.js";
import { readModelName } from "./model-name.js";

/** Names of OpenAI's own embedding models. */
const OF_OPENAI = /^text-embedding-/;

/** Models of OpenAI that shorten their vectors when asked to. */
const SHORTENED = /^text-embedding-3-/;

const headersOf = (lines = ""): Record<string, string> =>
  Object.fromEntries(
    lines.split(/\r?\n/).flatMap((line) => {
      if (line.trim() === "") return [];
      const header = readHeaderLine(line);
      if (header) return [header];
      throw new UnsiloedError(
        "INVALID_OPTION",
        'EMBEDDINGS_HEADERS: expected a line "NAME: VALUE" for each header; change this environment variable',
      );
    }),
  );

export const openAIEntry: ModelEntry = {
  name: "openai",
  hasModels: true,
  hasAddresses: true,
  variable: "OPENAI_API_KEY",
  secrets: ["OPENAI_API_KEY", "EMBEDDINGS_API_KEY", "EMBEDDINGS_HEADERS"],
  variables: {
    OPENAI_API_KEY: "key of OpenAI or a compatible service, which becomes the default model",
    OPENAI_BASE_URL: "address of a compatible service",
    EMBEDDINGS_API_KEY: "key of the service whose address `--embeddings` names, if it needs one",
    EMBEDDINGS_HEADERS: "headers for that service, such as a gateway wants: a line `NAME: VALUE` for each",
  },
  packages: ["openai", "gpt-tokenizer"],
  // Compatible services have models of any name.
  recognizes: () => true,
  read: ({ model: name, dimensions }) => {
    const { model, prefixes } = readModelName(name);
    return {
      model,
      queryPrefix: prefixes?.query,
      documentPrefix: prefixes?.document,
      // Only of these is it known that they take the length, which may be their own.
      ...(SHORTENED.test(model) && { dimensions }),
    };
  },
  // Texts and key would go to OpenAI, which has no such model.
  needsAddress: ({ model }, { OPENAI_BASE_URL: address }) =>
    address === undefined && !OF_OPENAI.test(readModelName(model).model),
  open: async ({ address, environment, headers = {}, ...settings }) => {
    const { model } = settings;
    const { PackedOpenAIEmbeddings } = await import("./openai-embeddings.js");
    if (address === undefined) {
      const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL } = environment;
      return new PackedOpenAIEmbeddings({ ...settings, headers: { ...headers }, apiKey, baseURL });
    }
    if (model === undefined)
      throw new UnsiloedError(
        "INVALID_OPTION",
        "--embeddings: expected the model after the address, as URL#MODEL, got only an address",
      );
    // The key of OpenAI is not for any address.
    const apiKey = environment["EMBEDDINGS_API_KEY"] ?? "";
    const all = { ...headersOf(environment["EMBEDDINGS_HEADERS"]), ...headers };
    return new PackedOpenAIEmbeddings({ ...settings, baseURL: address, apiKey, headers: all });
  },
};
