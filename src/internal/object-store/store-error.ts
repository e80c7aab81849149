import { messageOf, UnsiloedError } from "../../errors.js";
import { withoutKeys } from "../scrub.js";

/** What a service refuses, as far as its answers tell. */
export type Refusal = "credentials" | "denied" | "noBucket" | "noObject" | "unreachable";

/** What was asked for, and what helps where the credentials are not accepted. */
export interface Asked {
  /** Address of the bucket or the object. */
  address: string;
  /** Where the SDK looks for credentials. */
  credentials: string;
}

const oneLine = (cause: unknown): string => withoutKeys(messageOf(cause)).replace(/\s+/g, " ").trim();

/** Makes the error of a request that an object store refused, or that did not reach it. */
export const objectStoreError = (
  refusal: Refusal | undefined,
  { address, credentials }: Asked,
  cause: unknown,
): UnsiloedError => {
  const said = oneLine(cause);
  const options = { cause, source: address };
  switch (refusal) {
    case "credentials":
      return new UnsiloedError(
        "UNAUTHORIZED",
        `${address}: no credentials were accepted (${said}); expected ${credentials}`,
        options,
      );
    case "denied":
      return new UnsiloedError(
        "FILE_NOT_FOUND",
        `${address}: access denied (${said}); allow these credentials to list the bucket and to read its objects, and to write and delete those of kept results`,
        options,
      );
    case "noBucket":
      return new UnsiloedError(
        "FILE_NOT_FOUND",
        `${address}: no such bucket; check its name and region`,
        options,
      );
    case "noObject":
      return new UnsiloedError("FILE_NOT_FOUND", `${address}: no such object`, options);
    case "unreachable":
      return new UnsiloedError(
        "SERVICE_UNAVAILABLE",
        `${address}: the object store cannot be reached (${said})`,
        {
          ...options,
          retryable: true,
        },
      );
    default:
      return new UnsiloedError(
        "SERVICE_UNAVAILABLE",
        `${address}: the object store refused the request: ${said}`,
        options,
      );
  }
};
