// Runs in a thread of its own: splits the segments it is sent.
import { parentPort } from "node:worker_threads";
import type { SplitDocument } from "../documents/metadata.js";
import { messageOf, UnsiloedError } from "../errors.js";
import type { WorkerAnswer } from "../internal/worker-pool.js";
import { type PackedDocuments, unpackDocuments } from "./packed-documents.js";
import { type SplitSettings, splitSegments } from "./split-segments.js";

export interface SplitRequest {
  documents: readonly PackedDocuments[];
  settings: SplitSettings;
}

/** Splits without their class, which cannot be sent. */
export type PlainSplit = Pick<SplitDocument, "pageContent" | "metadata">;

const answer = async ({ documents, settings }: SplitRequest): Promise<WorkerAnswer<PlainSplit[]>> => {
  try {
    const splits = await splitSegments(documents.flatMap(unpackDocuments), settings);
    return { ok: true, value: splits.map(({ pageContent, metadata }) => ({ pageContent, metadata })) };
  } catch (thrown) {
    const message = messageOf(thrown);
    return thrown instanceof UnsiloedError
      ? { ok: false, message, code: thrown.code }
      : { ok: false, message };
  }
};

parentPort?.on("message", async (request: SplitRequest) => parentPort?.postMessage(await answer(request)));
