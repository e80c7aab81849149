import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Answer } from "./answer.js";
import type { ActiveFault, FaultInfo, Phase } from "./fault-rules.js";
import type { FaultBook } from "./faults.js";
import type { JobBook } from "./jobs.js";
import type { EmulatorSettings } from "./options.js";
import type { RateWindow } from "./rate-window.js";

/** A request as the emulator remembers it. Header values are kept only where they hold no secret. */
export interface RecordedRequest {
  /** `api` is the parse API; `files` the other host, of uploads and output files. */
  server: "api" | "files";
  /** What the request was for; absent when the path means nothing. */
  on?: Phase;
  method: string;
  path: string;
  query: Record<string, string>;
  headers: {
    /** Whether an `api-key` header was sent. */
    apiKey: boolean;
    /** Whether an `authorization` header was sent. */
    authorization: boolean;
    contentType?: string;
    contentLength?: number;
    transferEncoding?: string;
    userAgent?: string;
  };
  /** Milliseconds of the emulator's clock. */
  at: number;
  jobId?: string;
  fileName?: string;
  /** The fault that struck it, `custom` for an answer given by the rule. */
  fault?: string;
  /** Status of the answer; absent when there was none, or not yet. */
  status?: number;
}

/** What every route works with. */
export interface EmulatorContext {
  settings: EmulatorSettings;
  jobs: JobBook;
  faults: FaultBook;
  rate: RateWindow | undefined;
  /** A URL on the second server that works for a while. */
  signedUrl(path: string): string;
  /** The signature of such a URL, given when it expires. */
  signatureOf(path: string, expires: number): { signature: string; expires: number };
}

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  socket: Socket;
  url: URL;
  record: RecordedRequest;
  signal: AbortSignal;
}

/** What a route found: what the request is for, and how to carry it out unless a fault comes first. */
export interface Route {
  info: FaultInfo;
  run(fault: ActiveFault | undefined): Promise<Answer> | Answer;
}
