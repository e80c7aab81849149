export type { RecordedRequest } from "./context.js";
export { FAULTS, type FaultInfo, type FaultName, type FaultRule, PHASES, type Phase } from "./fault-rules.js";
export type { EmulatedJob } from "./jobs.js";
export type {
  EmulatorOptions,
  JobOutcome,
  OutcomeFunction,
  OutcomesByFileName,
  StateList,
  Submission,
  SubmittedVia,
} from "./options.js";
export { type AddedJob, type Emulator, startEmulator } from "./server.js";
