import { accessSync, constants } from "node:fs";
import path from "node:path";
import { type Browser, chromium } from "playwright-core";
import { describeWith } from "./describe-with.js";

const NAMES = [
  "chromium-headless-shell",
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
];

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Path of the browser on this machine; `undefined` where there is none. */
const findChromium = (): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(path.delimiter)
    .flatMap((directory) => NAMES.map((name) => path.join(directory, name)))
    .find(isProgram);

const executablePath = findChromium();

/**
 * Whether tests in a browser are skipped, which is shown: there is none on this machine. Under `CI` there has to be one,
 * so that they fail instead.
 */
export const skipsBrowser = executablePath === undefined && !process.env["CI"];

/** Tests in a browser. */
export const describeInBrowser = describeWith("a browser", !skipsBrowser);

/** Starts the browser without a window. */
export const startChromium = (): Promise<Browser> => {
  if (executablePath === undefined) throw new Error(`expected a browser: one of ${NAMES.join(", ")} in PATH`);
  // Root, as whom containers run, may not use the sandbox.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
};
