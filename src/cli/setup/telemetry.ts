import type { IngestEventListener } from "../../ingest/run/events.js";

/** Where the API of OpenTelemetry keeps what an SDK has registered; without it there is nobody to tell. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

/** Tells an SDK of OpenTelemetry of a run, if the process was started with one (`node --import ./otel.js`). */
export const openTelemetry = async (): Promise<
  { onEvent: IngestEventListener; close(): void } | undefined
> => {
  if (!(REGISTERED in globalThis)) return undefined;
  const { IngestTelemetry } = await import("../../telemetry/ingest-telemetry.js");
  return new IngestTelemetry();
};
