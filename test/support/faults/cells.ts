import type { FaultRule } from "../../../src/emulator/fault-rules.js";
import type { ErrorCode } from "../../../src/errors.js";
import type { OpenAIFault } from "../openai/server.js";
import type { Fault as QdrantFault } from "../qdrant-double/faults.js";
import type { World, WorldOptions } from "./world.js";

/** `recovered` when the result is the same as without the fault, or the code of the reported failure. */
export type Outcome = "recovered" | ErrorCode;

/** One fault in one stage, with the expected outcome when it occurs once and when it occurs every time. */
export interface Cell {
  stage: string;
  fault: string;
  world?: WorldOptions;
  /** What is stored before: nothing, or other content of the same documents. @default "nothing" */
  before?: "nothing" | "another version";
  strike(world: World, times: number): void;
  once: Outcome;
  always: Outcome;
}

/** Time limit of a request that is never answered, but enough for other requests on a busy machine. */
const TIMEOUT_MS = 1_500;

const REPEATEDLY = 1_000;

export const timesOf = (frequency: "once" | "always"): number => (frequency === "once" ? 1 : REPEATEDLY);

type Expected = readonly [once: Outcome, always: Outcome];

const UNKNOWN = "SUBMISSION_UNKNOWN";
const DOWN = "SERVICE_UNAVAILABLE";
const UNREACHABLE = "STORE_UNREACHABLE";

/** Answers of the parse service, by the name of the fault. */
const PARSE_FAULTS: Readonly<Record<string, FaultRule["fault"]>> = {
  "time-out": "hang",
  reset: "reset",
  "cut body": "cut",
  "half a body": "truncated",
  "429": "rate_limited",
  "429, Retry-After": "rate_limited_retry_after",
  "500": "server_error",
  "503": { status: 503, body: "Service Unavailable" },
  "503, Retry-After": "queue_full",
  "507": { status: 507, body: "Insufficient Storage" },
  "another page": "not_json",
  "done, then reset": "reset_after_accept",
  "refused key": "unauthorized",
  "no credits": "quota",
  "closed job": "forbidden",
  "blocked for personal data": "pii_blocked",
  "job fails": "failed",
};

type ParseStage = "submit" | "presign" | "upload" | "poll" | "fetch";

const PHASE = {
  submit: "submit",
  presign: "presign",
  upload: "upload",
  poll: "status",
  fetch: "result",
} as const;

const SUBMISSION: Readonly<Record<string, Expected>> = {
  "time-out": [UNKNOWN, UNKNOWN],
  reset: [UNKNOWN, UNKNOWN],
  "cut body": [UNKNOWN, UNKNOWN],
  "half a body": [UNKNOWN, UNKNOWN],
  "429": ["recovered", "RATE_LIMITED"],
  "429, Retry-After": ["recovered", "RATE_LIMITED"],
  "500": [UNKNOWN, UNKNOWN],
  "503": [UNKNOWN, UNKNOWN],
  "503, Retry-After": ["recovered", DOWN],
  "507": [UNKNOWN, UNKNOWN],
  "another page": [UNKNOWN, UNKNOWN],
  "done, then reset": [UNKNOWN, UNKNOWN],
  "refused key": ["UNAUTHORIZED", "UNAUTHORIZED"],
  "no credits": ["OUT_OF_CREDITS", "OUT_OF_CREDITS"],
  "job fails": ["JOB_FAILED", "JOB_FAILED"],
  "blocked for personal data": ["PII_BLOCKED", "PII_BLOCKED"],
};

/** Faults after which a run goes on, and how each is reported when it never ends. */
const passing = (faults: readonly string[], always: Outcome): Readonly<Record<string, Expected>> =>
  Object.fromEntries(faults.map((fault) => [fault, ["recovered", always]]));

const LIMITED = ["429", "429, Retry-After"];
const DOWN_NOW = ["time-out", "reset", "cut body", "500", "503", "503, Retry-After", "507"];

const REFUSED: Readonly<Record<string, Expected>> = {
  "closed job": ["JOB_FORBIDDEN", "JOB_FORBIDDEN"],
  "refused key": ["UNAUTHORIZED", "UNAUTHORIZED"],
};

const PARSE: Readonly<Record<ParseStage, Readonly<Record<string, Expected>>>> = {
  submit: SUBMISSION,
  presign: SUBMISSION,
  upload: {
    ...passing(["time-out", "reset", ...LIMITED, "500", "503", "507"], "UPLOAD_FAILED"),
    "done, then reset": ["recovered", "recovered"],
  },
  poll: {
    ...passing([...DOWN_NOW, "half a body", "another page"], DOWN),
    ...passing(LIMITED, "RATE_LIMITED"),
    ...REFUSED,
  },
  fetch: {
    ...passing(DOWN_NOW, DOWN),
    ...passing(["half a body", "another page"], "INVALID_RESULT"),
    ...passing(LIMITED, "RATE_LIMITED"),
    ...REFUSED,
  },
};

const isParseStage = (stage: string): stage is ParseStage => Object.hasOwn(PHASE, stage);

const worldFor = (fault: string, more: WorldOptions = {}): WorldOptions =>
  fault.startsWith("time-out") ? { ...more, timeoutMs: TIMEOUT_MS } : more;

const parseCells: Cell[] = Object.entries(PARSE).flatMap(([stage, faults]) =>
  Object.entries(faults).map(([fault, [once, always]]): Cell => {
    const presigned = stage === "presign" || stage === "upload";
    return {
      stage,
      fault,
      world: worldFor(fault, { presigned }),
      strike: ({ emulator }, times) => {
        const rule = PARSE_FAULTS[fault];
        if (!isParseStage(stage) || rule === undefined) throw new Error(`no fault ${fault} in ${stage}`);
        emulator.addFault({ on: PHASE[stage], fault: rule, times });
      },
      once,
      always,
    };
  }),
);

const failing = (
  status: number,
  more: Partial<Extract<OpenAIFault, { kind: "error" }>> = {},
): OpenAIFault => ({
  kind: "error",
  status,
  ...more,
});

const EMBED: Readonly<Record<string, readonly [fault: OpenAIFault, ...Expected]>> = {
  "time-out": [{ kind: "hang" }, "recovered", DOWN],
  "time-out in the body": [{ kind: "hang", afterHeaders: true }, "recovered", DOWN],
  reset: [{ kind: "reset" }, "recovered", DOWN],
  "cut body": [{ kind: "cut" }, "recovered", DOWN],
  "429": [failing(429), "recovered", "RATE_LIMITED"],
  "429, Retry-After": [failing(429, { headers: { "retry-after": "7" } }), "recovered", "RATE_LIMITED"],
  "429, spent quota": [failing(429, { code: "insufficient_quota" }), "USAGE_LIMIT", "USAGE_LIMIT"],
  "500": [failing(500), "recovered", DOWN],
  "503": [failing(503), "recovered", DOWN],
  "507": [failing(507), "recovered", DOWN],
  "refused key": [failing(401), "UNAUTHORIZED", "UNAUTHORIZED"],
  "refused texts": [failing(400), "recovered", "EMBEDDING_FAILED"],
  "one vector too few": [
    { kind: "answer", change: (body) => ({ ...body, data: body.data.slice(1) }) },
    "recovered",
    "EMBEDDING_FAILED",
  ],
};

/** The first request only learns the length of vectors, before any document is read. */
const embedCells: Cell[] = Object.entries(EMBED).map(([fault, [kind, once, always]]) => ({
  stage: "embed",
  fault,
  world: worldFor(fault),
  strike: ({ openai }, times) => void openai.faults.push(undefined, ...Array<OpenAIFault>(times).fill(kind)),
  once,
  always,
}));

type StoreFault = readonly [fault: QdrantFault, ...Expected];

const STORE: Readonly<Record<string, StoreFault>> = {
  "time-out": [{ kind: "hang" }, "recovered", UNREACHABLE],
  reset: [{ kind: "reset", applied: false }, "recovered", UNREACHABLE],
  "done, then reset": [{ kind: "reset", applied: true }, "recovered", UNREACHABLE],
  "cut body": [{ kind: "cut" }, "recovered", UNREACHABLE],
  "429": [{ kind: "status", status: 429 }, "recovered", UNREACHABLE],
  "429, Retry-After": [{ kind: "status", status: 429, retryAfter: "7" }, "recovered", UNREACHABLE],
  "500": [{ kind: "status", status: 500 }, "recovered", UNREACHABLE],
  "503": [{ kind: "status", status: 503 }, "recovered", UNREACHABLE],
  "507": [{ kind: "status", status: 507 }, "STORE_FULL", "STORE_FULL"],
  "refused key": [{ kind: "status", status: 401, plain: true }, "UNAUTHORIZED", "UNAUTHORIZED"],
};

const WAIT: Readonly<Record<string, StoreFault>> = {
  wait_timeout: [{ kind: "wait_timeout", applied: true }, "recovered", UNREACHABLE],
  "wait_timeout, not done": [{ kind: "wait_timeout", applied: false }, "recovered", UNREACHABLE],
};

const REQUEST: Readonly<Record<string, string>> = {
  "store: write": "PUT /collections/unsiloed/points",
  "store: list": "/points/scroll",
  "store: count": "/points/count",
  "store: delete": "/points/delete",
  "store: prepare": "GET /collections/unsiloed",
};

const storeCells: Cell[] = Object.entries(REQUEST).flatMap(([stage, on]) => {
  const isWrite = stage === "store: write" || stage === "store: delete";
  return Object.entries(isWrite ? { ...STORE, ...WAIT } : STORE).map(
    ([name, [fault, once, always]]): Cell => ({
      stage,
      fault: name,
      world: worldFor(name),
      before: "another version",
      strike: ({ qdrant }, times) => qdrant.faults.add({ fault, on, times }),
      once,
      always,
    }),
  );
});

/** Every fault of a service, in every stage that uses it. */
export const SERVICE_CELLS: readonly Cell[] = [...parseCells, ...embedCells, ...storeCells];
