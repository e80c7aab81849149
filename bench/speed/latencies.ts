/** Latencies and limits of the services. */
export interface Latencies {
  jobMs: number;
  pollMs: number;
  embedRequestMs: number;
  embedTokenMs: number;
  embedInFlight: number;
  storeRequestMs: number;
  storePointMs: number;
}

export const LATENCIES = {
  full: {
    jobMs: 2_000,
    pollMs: 500,
    embedRequestMs: 150,
    embedTokenMs: 0.002,
    embedInFlight: 8,
    storeRequestMs: 15,
    storePointMs: 0.02,
  },
  small: {
    jobMs: 100,
    pollMs: 50,
    embedRequestMs: 10,
    embedTokenMs: 0.002,
    embedInFlight: 8,
    storeRequestMs: 2,
    storePointMs: 0.02,
  },
  none: {
    jobMs: 0,
    pollMs: 50,
    embedRequestMs: 0,
    embedTokenMs: 0,
    embedInFlight: 8,
    storeRequestMs: 0,
    storePointMs: 0,
  },
} satisfies Record<string, Latencies>;

export type Pace = keyof typeof LATENCIES;

export const isPace = (text: string | undefined): text is Pace => text !== undefined && text in LATENCIES;

/** The length of the vectors. */
export const DIMENSIONS = 1536;
export const MOST_INPUTS = 2_048;
export const MOST_TOKENS = 300_000;

/** Estimates tokens as OpenAI does to enforce its limits: a quarter for each byte. */
export const estimateTokens = (texts: readonly string[]): number =>
  Math.ceil(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 4);

/** Computes the least time in which the embedding service can embed texts with an even distribution of tokens. */
export const leastEmbeddingMs = (texts: number, tokens: number, pace: Latencies): number => {
  const fewest = Math.max(1, Math.ceil(texts / MOST_INPUTS), Math.ceil(tokens / MOST_TOKENS));
  const timeOf = (requests: number): number => {
    const inTurn = Math.ceil(requests / pace.embedInFlight);
    return inTurn * (pace.embedRequestMs + (pace.embedTokenMs * tokens) / requests);
  };
  const choices = Array.from({ length: 2 * pace.embedInFlight }, (_, more) => timeOf(fewest + more));
  return Math.min(...choices);
};

/** Computes the least time in which the store can accept points, which it applies one after the other. */
export const leastStoreMs = (points: number, pace: Latencies): number =>
  pace.storeRequestMs + points * pace.storePointMs;
