import type { ErrorCode } from "../../errors.js";
import type { Check } from "./check.js";

/** Errors of a service that knows the key. */
const WITH_KEY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "OUT_OF_CREDITS",
  "USAGE_LIMIT",
  "RATE_LIMITED",
]);

export const serviceCheck: Check = {
  name: "parse service",
  run: async ({ service }) => {
    const { host, isLocal, status, error } = await service();
    if (status === undefined || status >= 500)
      return {
        status: "failed",
        message: error?.message ?? `${host} did not answer`,
        action: "check the network, the proxy (HTTPS_PROXY) and UNSILOED_BASE_URL, or try again later",
      };
    if (error?.code === "BAD_REQUEST" || error?.code === "SERVICE_UNAVAILABLE")
      return { status: "failed", message: error.message, action: "check UNSILOED_BASE_URL" };
    return { status: "ok", message: `${host} answers${isLocal ? ", an emulator on this machine" : ""}` };
  },
};

export const keyCheck: Check = {
  name: "key",
  run: async ({ service, environment }) => {
    const action =
      "set UNSILOED_API_KEY in the environment or in a .env file; keys are made at https://www.unsiloed.ai";
    if (environment.UNSILOED_API_KEY === undefined)
      return { status: "failed", message: "UNSILOED_API_KEY is not set", action };
    const { status, error } = await service();
    if (status === undefined) return { status: "skipped", message: "the service did not answer" };
    if (error === undefined) return { status: "ok", message: "accepted by the service" };
    if (error.code === "UNAUTHORIZED") return { status: "failed", message: error.message, action };
    if (WITH_KEY.has(error.code)) return { status: "warning", message: error.message };
    return { status: "warning", message: `not known whether the service accepts it (${error.message})` };
  },
};

const WARN_SECONDS = 60;
/** Presigned addresses of object storage are refused from here on. */
const FAIL_SECONDS = 15 * 60;

export const clockCheck: Check = {
  name: "clock",
  run: async ({ service }) => {
    const { times } = await service();
    if (!times) return { status: "skipped", message: "no answer with a time to compare with" };
    const seconds = Math.round((times.ours - times.theirs) / 1000);
    const message = `${Math.abs(seconds)} s ${seconds < 0 ? "behind" : "ahead of"} the service's`;
    if (Math.abs(seconds) < WARN_SECONDS) return { status: "ok", message: "agrees with the service's" };
    return {
      status: Math.abs(seconds) < FAIL_SECONDS ? "warning" : "failed",
      message,
      action: "set the clock of this machine, or uploads and downloads are refused",
    };
  },
};
