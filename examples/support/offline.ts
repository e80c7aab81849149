// What the examples need to run without an account: the emulator in place of the parse service, a directory that is
// removed afterwards in place of a database, and a model that answers from a script when no key is set.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { ChatOpenAI } from "@langchain/openai";
import { AIMessage, fakeModel } from "langchain";
import { ingest, SegmentSplitter, UnsiloedClient, UnsiloedResultLoader } from "unsiloed-ingest";
import { StaticEmbeddings } from "unsiloed-ingest/embeddings/local";
import { type Emulator, startEmulator } from "unsiloed-ingest/emulator";
import { LanceDbSink } from "unsiloed-ingest/stores/lancedb";

export const SAMPLE_RESULT = path.resolve(import.meta.dirname, "../data/annual-report.json");

/** A client of the emulator, which answers every job with the saved result of the sample report. */
export const startParseApi = async (): Promise<{ client: UnsiloedClient; emulator: Emulator }> => {
  const emulator = await startEmulator({ results: SAMPLE_RESULT });
  return { emulator, client: new UnsiloedClient({ apiKey: "any", baseUrl: emulator.url }) };
};

/** Runs an example with a directory of its own. */
export const withDirectory = async (example: (directory: string) => Promise<void>): Promise<void> => {
  const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-example-"));
  try {
    await example(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

/** A collection that holds the sample report. */
export const filledStore = async (
  directory: string,
): Promise<{ sink: LanceDbSink; embeddings: StaticEmbeddings; close(): Promise<void> }> => {
  const sink = new LanceDbSink({ directory });
  const embeddings = new StaticEmbeddings();
  const sources = new UnsiloedResultLoader(SAMPLE_RESULT, { words: true }).sources();
  await ingest(sources, { sink, embeddings, splitter: new SegmentSplitter() });
  return {
    sink,
    embeddings,
    close: async () => {
      await Promise.all([sink.close(), embeddings.close()]);
    },
  };
};

const lastText = (messages: { text: string }[]): string => messages.at(-1)?.text ?? "";

/** OpenAI's model when its key is set; otherwise one that repeats the passages it was given. */
export const chatModel = (): BaseChatModel =>
  process.env["OPENAI_API_KEY"]
    ? new ChatOpenAI({ model: "gpt-4o-mini" })
    : fakeModel().respond((messages) => new AIMessage(`(no key set) I was given:\n${lastText(messages)}`));

/** As `chatModel`, but the script first calls a tool and then repeats what the tool found. */
export const toolCallingModel = (tool: string, query: string): BaseChatModel =>
  process.env["OPENAI_API_KEY"]
    ? new ChatOpenAI({ model: "gpt-4o-mini" })
    : fakeModel()
        .respondWithTools([{ name: tool, args: { query } }])
        .respond((messages) => new AIMessage(`(no key set) The tool found:\n${lastText(messages)}`));
