import { onTestFinished } from "vitest";

/** Sets environment variables until the test ends; `undefined` removes one. */
export const setEnvironment = (variables: Readonly<Record<string, string | undefined>>): void => {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    const set = (to: string | undefined) => {
      if (to === undefined) delete process.env[name];
      else process.env[name] = to;
    };
    set(value);
    onTestFinished(() => set(before));
  }
};
