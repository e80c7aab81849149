// Runs in a thread of its own and splits the segments that it receives.
import { parentPort } from "node:worker_threads";
import type { SegmentDocument } from "../../documents/metadata.js";
import { messageOf, UnsiloedError } from "../../errors.js";
import type { WorkerAnswer } from "../../internal/async/worker-pool.js";
import type { UnmergedSplit } from "../split-metadata.js";
import { type SplitSettings, splitSegments } from "../split-segments.js";

export interface SplitRequest {
  segments: readonly SegmentDocument[];
  settings: SplitSettings;
}

const answer = async ({ segments, settings }: SplitRequest): Promise<WorkerAnswer<UnmergedSplit[]>> => {
  try {
    return { ok: true, value: await splitSegments(segments, settings) };
  } catch (thrown) {
    const message = messageOf(thrown);
    return thrown instanceof UnsiloedError
      ? { ok: false, message, code: thrown.code }
      : { ok: false, message };
  }
};

parentPort?.on("message", async (request: SplitRequest) => parentPort?.postMessage(await answer(request)));
