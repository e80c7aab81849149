export type { LoadOptions } from "./base-loader.js";
export { type FileSource, UnsiloedFileLoader, type UnsiloedFileLoaderOptions } from "./file-loader.js";
export type { SkippedFiles } from "./files/skipped-files.js";
export { UnsiloedJobLoader, type UnsiloedJobLoaderOptions } from "./job-loader.js";
export type { LoadCounts } from "./load-run.js";
export type { LoaderOptions, LoadFailure } from "./loader-options.js";
export { type ResultInput, UnsiloedResultLoader, type UnsiloedResultLoaderOptions } from "./result-loader.js";
