import { messageOf, UnsiloedError } from "../../errors.js";
import { propertyOf } from "../objects.js";
import { scrub } from "../scrub.js";

/** The connection was lost or refused, the server starts, stops or has no place left, or two transactions collided. */
const PASSING = /^(?:08...|57P0[123]|53300|40001|40P01)$/;

/** How the system says that a server is not there. A socket that does not exist is a server that is not running. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "ENOENT",
]);

/** How the driver says that a connection ended; these errors have no code. */
const ENDED = /^(?:connection terminated|timeout exceeded|query read timeout|client has encountered)/i;

/** Tells whether a server answered, if only that it is starting. */
export const isAnswer = (thrown: unknown): boolean => propertyOf(thrown, "severity") !== undefined;

/** Tells whether the same statement may succeed soon. */
export const isPassing = (thrown: unknown): boolean => {
  const code = propertyOf(thrown, "code");
  if (typeof code === "string") return PASSING.test(code) || UNREACHABLE.has(code);
  return ENDED.test(messageOf(thrown));
};

/** What to do about refusals that users meet; PostgreSQL names what it refused. */
const ADVICE: Readonly<Record<string, string>> = {
  "28P01": "check the user and the password",
  "28000": "check the user, and what pg_hba.conf allows",
  "3D000": "create the database, or correct its name",
  "42501": "grant these rights to the user, or connect as another one",
  "53100": "free some space on the disk of the server",
  "25006": "connect to the primary server",
};

/** An attempt to resolve a name of which there are several addresses fails with an empty message. */
const reasonOf = (thrown: unknown): string => {
  const [first] = thrown instanceof AggregateError ? thrown.errors : [];
  return messageOf(thrown) || messageOf(first ?? propertyOf(thrown, "code"));
};

/** Returns the error of a statement that failed. No message of PostgreSQL or of the driver holds a password. */
export const databaseError = (thrown: unknown, database: string): UnsiloedError => {
  if (thrown instanceof UnsiloedError) return thrown;
  const code = String(propertyOf(thrown, "code") ?? "");
  const retryable = isPassing(thrown);
  const advice = ADVICE[code] ?? (retryable ? "check that the server runs and its address" : undefined);
  return new UnsiloedError(
    "LEDGER_FAILED",
    `${database}: ${scrub(reasonOf(thrown))}${advice === undefined ? "" : `; ${advice}`}`,
    { cause: thrown, retryable },
  );
};
