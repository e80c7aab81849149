import { UnsiloedError } from "../../errors.js";
import type { IngestEventListener } from "../../ingest/run/events.js";
import { startHealthServer } from "../../worker/health/health-server.js";
import {
  openPrometheus,
  type PrometheusMetrics,
  type QueueMeasurements,
} from "../../worker/health/prometheus.js";
import type { Terminal } from "../terminal/terminal.js";

/** Where to answer what an orchestrator asks. */
export interface HealthAddress {
  host?: string;
  port: number;
}

/** What answers. */
export interface WorkerHealth {
  onEvent: IngestEventListener;
  close(): Promise<void>;
}

const openMetrics = async (
  queue: QueueMeasurements,
  out: Terminal,
): Promise<PrometheusMetrics | undefined> => {
  try {
    return await openPrometheus(queue);
  } catch (thrown) {
    if (!(thrown instanceof UnsiloedError)) throw thrown;
    out.warn(thrown.message);
    return undefined;
  }
};

/** Starts the server of `--health`. @throws UnsiloedError `INVALID_OPTION` when the address is taken */
export const openWorkerHealth = async (
  { host, port }: HealthAddress,
  queue: QueueMeasurements,
  drain: AbortSignal,
  out: Terminal,
): Promise<WorkerHealth> => {
  const metrics = await openMetrics(queue, out);
  const server = await startHealthServer({
    host,
    port,
    assertReady: async () => {
      if (drain.aborted) throw new Error("the worker is stopping");
      await queue.counts();
    },
    metrics: metrics?.answer,
  });
  out.say(`health: ${server.url}`);
  return {
    onEvent: (event) => metrics?.onEvent(event),
    close: async () => {
      await server.close();
      await metrics?.close();
    },
  };
};
