// Runs in a thread of its own: splits the segments it is sent.
import { parentPort } from "node:worker_threads";
import type { SegmentDocument, SplitDocument } from "../documents/metadata.js";
import { messageOf, UnsiloedError } from "../errors.js";
import type { WorkerAnswer } from "../internal/worker-pool.js";
import { type SplitSettings, splitSegments } from "./split-segments.js";

/** A segment without its class, which cannot be sent. */
export type PlainDocument = Pick<SegmentDocument, "pageContent" | "metadata">;

export interface SplitRequest {
  documents: readonly PlainDocument[];
  settings: SplitSettings;
}

/** The same of a split. */
export type PlainSplit = Pick<SplitDocument, "pageContent" | "metadata">;

const answer = async ({ documents, settings }: SplitRequest): Promise<WorkerAnswer<PlainSplit[]>> => {
  try {
    const splits = await splitSegments(documents, settings);
    return { ok: true, value: splits.map(({ pageContent, metadata }) => ({ pageContent, metadata })) };
  } catch (thrown) {
    const message = messageOf(thrown);
    return thrown instanceof UnsiloedError
      ? { ok: false, message, code: thrown.code }
      : { ok: false, message };
  }
};

parentPort?.on("message", async (request: SplitRequest) => parentPort?.postMessage(await answer(request)));
