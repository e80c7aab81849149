/** Escapes that `JSON.stringify` writes for lone surrogates alone. */
const LONE_SURROGATE = /\\ud[89a-f]/;

/** Every escape of a JSON text: that of a lone surrogate as a whole, of others the first two characters. */
const ESCAPES = /\\(?:ud[89a-f][0-9a-f]{2}|.)/g;

/**
 * Replaces lone surrogates by U+FFFD in what `JSON.stringify` made. They are no characters in UTF-8, and a store refuses
 * a whole request for one.
 */
export const wellFormedJson = (json: string): string =>
  LONE_SURROGATE.test(json)
    ? json.replace(ESCAPES, (sequence) => (sequence.length > 2 ? "\ufffd" : sequence))
    : json;
