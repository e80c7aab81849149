/** Returns the environment of a process in which packages are as if they were not installed, with all of their parts. */
export const withoutPackages = (...names: readonly string[]): { NODE_OPTIONS: string } => {
  const hooks = `
    export const resolve = (name, context, next) => {
      if (!${JSON.stringify(names)}.some((left) => name === left || name.startsWith(left + "/"))) return next(name, context);
      throw Object.assign(new Error("not installed"), { code: "ERR_MODULE_NOT_FOUND" });
    };`;
  const program = `import { register } from "node:module"; register(${JSON.stringify(dataUrl(hooks))});`;
  return { NODE_OPTIONS: `--import=${dataUrl(program)}` };
};

const dataUrl = (program: string): string =>
  `data:text/javascript,${encodeURIComponent(program).replaceAll("'", "%27")}`;
