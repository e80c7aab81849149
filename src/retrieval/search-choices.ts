import { STORE_MODES } from "../stores/sink.js";

// Apart from the schemas of the options, so that "--help" does not load their library.

export const SEARCH_MODES = [...STORE_MODES, "hybrid"] as const;

/** Search by vector (`dense`), by words (`text`) or by both (`hybrid`). */
export type SearchMode = (typeof SEARCH_MODES)[number];

/** What a hit can be expanded to. */
export const EXPANSIONS = ["neighbours", "section", "table", "caption"] as const;

/**
 * What a hit is expanded to: `neighbours`, the splits before and after it; `section`, the splits under the same
 * headings; `table`, all parts of its table, joined into one; `caption`, from a table or picture to its caption and
 * the reverse.
 */
export type Expansion = (typeof EXPANSIONS)[number];
