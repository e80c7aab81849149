export type { LoadOptions } from "./base-loader.js";
export type { LoadCounts } from "./load-run.js";
export type { LoaderOptions, LoadFailure } from "./loader-options.js";
export { type ResultInput, UnsiloedResultLoader, type UnsiloedResultLoaderOptions } from "./result-loader.js";
