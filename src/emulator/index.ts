export { DIALECTS, type Dialect } from "../parse-api/jobs/dialects.js";
export type { AddedJob, Emulator } from "./emulator.js";
export {
  type CustomAnswer,
  FAULTS,
  type FaultInfo,
  type FaultName,
  type FaultRule,
  PHASES,
  type Phase,
} from "./fault-rules.js";
export type { EmulatedJob } from "./jobs/jobs.js";
export type {
  EmulatorOptions,
  JobOutcome,
  OutcomeFunction,
  OutcomesByFileName,
  StateList,
  Submission,
  SubmittedVia,
} from "./options.js";
export type { RecordedRequest } from "./record.js";
export { startEmulator } from "./server.js";
