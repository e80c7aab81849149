export { IngestTelemetry, type IngestTelemetryOptions } from "./ingest-telemetry.js";
