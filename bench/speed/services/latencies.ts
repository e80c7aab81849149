/** Latencies and limits of the services. A latency of 0 is none at all, without a timer. */
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
  waiting: {
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
  free: {
    jobMs: 0,
    pollMs: 500,
    embedRequestMs: 0,
    embedTokenMs: 0,
    embedInFlight: 8,
    storeRequestMs: 0,
    storePointMs: 0,
  },
} satisfies Record<string, Latencies>;

export type Pace = keyof typeof LATENCIES;

export const isPace = (text: string | undefined): text is Pace => text !== undefined && text in LATENCIES;

/** Waits, unless there is nothing to wait for: a timer of 0 ms would cost a turn of the event loop. */
export const pause = async (milliseconds: number): Promise<void> => {
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
};

/** The length of the vectors. */
export const DIMENSIONS = 1536;
export const MOST_INPUTS = 2_048;
export const MOST_TOKENS = 300_000;

/** Estimates tokens as OpenAI does to enforce its limits: a quarter for each byte. */
export const estimateTokens = (texts: readonly string[]): number =>
  Math.ceil(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 4);
