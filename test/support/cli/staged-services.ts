import type { FaultRule } from "../../../src/emulator/fault-rules.js";
import { startEmulator } from "../../../src/emulator/server.js";
import { systemClock } from "../../../src/internal/async/clock.js";
import { OpenAIServer } from "../openai/server.js";
import { smallResult } from "../parse-service.js";
import { QdrantDouble } from "../qdrant-double/server.js";
import type { StageGate } from "./stage-gate.js";

const always = { fault: "slow", pieceBytes: 100_000, times: Number.POSITIVE_INFINITY } as const;
/** The pause before an answer says which one it is. */
const SUBMIT_MS = 1;

/** Starts the services of a worker, whose answers go through a gate once they were worked out. */
export const startStagedServices = async (gate: StageGate) => {
  let isParsed = false;
  const faults: FaultRule[] = [
    { ...always, on: "submit", pieceMs: SUBMIT_MS },
    { ...always, on: "status", pieceMs: SUBMIT_MS + 1 },
    {
      ...always,
      on: "result",
      pieceMs: 0,
      match: () => {
        isParsed = true;
        return true;
      },
    },
  ];
  const emulator = await startEmulator({
    results: smallResult(2, 3),
    states: ["Queued", "Processing", "Succeeded"],
    faults,
    clock: {
      ...systemClock,
      delay: async (ms) => {
        if (ms > 0) await gate.pass(ms === SUBMIT_MS ? "submit" : "wait");
      },
    },
  });
  const openai = await OpenAIServer.start({
    dimensions: 16,
    latency: { perRequestMs: 1 },
    clock: {
      ...systemClock,
      // What is embedded before is a question that finds out whether the model answers.
      delay: async () => {
        if (isParsed) await gate.pass("embed");
      },
    },
  });
  const qdrant = await QdrantDouble.start({
    beforeAnswer: async ({ method, path }) => {
      if (method === "PUT" && path.endsWith("/points")) await gate.pass("store");
    },
  });
  return {
    emulator,
    qdrant,
    env: {
      UNSILOED_API_KEY: "key-of-workers",
      UNSILOED_BASE_URL: emulator.url,
      OPENAI_API_KEY: "sk-x",
      OPENAI_BASE_URL: openai.baseURL,
    },
    close: async (): Promise<void> => {
      gate.release();
      await Promise.all([emulator.close(), openai.close(), qdrant.close()]);
    },
  };
};

export type StagedServices = Awaited<ReturnType<typeof startStagedServices>>;
