/** What a hit can be grown to. */
export const GROWTHS = ["neighbours", "section", "table", "caption"] as const;
export type Growth = (typeof GROWTHS)[number];
