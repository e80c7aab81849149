import { readFile } from "node:fs/promises";

/** What a process has used so far. */
export interface ProcessFigures {
  residentMb: number;
  peakMb: number;
  cpuSeconds: number;
}

/** The kernel counts processor time in ticks of this many in a second, on every machine that Node runs on. */
const TICKS = 100;

/** Reads what a process of this machine has used, as Linux says it; `undefined` when it has ended. */
export const readFigures = async (pid: number): Promise<ProcessFigures | undefined> => {
  try {
    const [status, stat] = await Promise.all(
      ["status", "stat"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8")),
    );
    const megabytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status ?? "")?.[1]) / 1_000;
    // The name of the program, in parentheses, may hold spaces.
    const fields = (stat ?? "").slice((stat ?? "").lastIndexOf(")") + 2).split(" ");
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS;
    const figures = { residentMb: megabytes("VmRSS"), peakMb: megabytes("VmHWM"), cpuSeconds };
    return Object.values(figures).some(Number.isNaN) ? undefined : figures;
  } catch {
    return undefined;
  }
};
