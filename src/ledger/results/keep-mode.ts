/** What is kept of parse results: nothing, all but word boxes, or everything. */
export const KEEP_MODES = ["none", "text", "all"] as const;
export type KeepMode = (typeof KEEP_MODES)[number];
