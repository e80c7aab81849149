/** Published forms of the parse API: that of March 2026 and that of September 2026. */
export const DIALECTS = ["2026-03", "2026-09"] as const;
export type Dialect = (typeof DIALECTS)[number];
