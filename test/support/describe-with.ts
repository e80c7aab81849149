import { describe } from "vitest";

/** Describes tests that need a program: without it they are skipped, and their name says why. */
export const describeWith =
  (program: string, isThere: boolean) =>
  (name: string, cases: () => void): void => {
    if (isThere) describe(name, cases);
    else describe.skip(`${name} (skipped: ${program} is not installed, see CONTRIBUTING.md)`, cases);
  };
