import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { sha256 } from "./hashing.js";
import { propertyOf } from "./objects.js";

/** A process as others can tell whether it is still there. */
export interface ProcessIdentity {
  pid: number;
  /** Within one value, process ids are comparable: a boot of a machine, and on Linux a namespace of process ids. */
  machine: string;
}

/** On Linux a host name says too little: containers share it, or keep it over a restart. */
const readMachine = (): string => {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return sha256([boot, readlinkSync("/proc/self/ns/pid")]).slice(0, 16);
  } catch {
    return sha256([hostname()]).slice(0, 16);
  }
};

export const currentProcess = (): ProcessIdentity => ({ pid: process.pid, machine: readMachine() });

/**
 * Whether a process is known to have ended. `false` also when nobody can tell: it ran on another machine, or its id
 * has been given to another process since.
 */
export const hasEnded = ({ pid, machine }: ProcessIdentity, here = currentProcess()): boolean => {
  if (machine !== here.machine) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (thrown) {
    return propertyOf(thrown, "code") === "ESRCH";
  }
};
