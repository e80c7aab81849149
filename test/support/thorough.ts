/**
 * Whether every case runs, with `THOROUGH=1`. Otherwise each run takes a share of them, which changes with its seed, so
 * that many runs cover all.
 */
export const isThorough = Boolean(process.env["THOROUGH"]);

/** Chooses the share of a run that is not thorough; set `SEED` to run the same again. */
export const SHARE_SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

/** Returns with how many random inputs a property is checked. @param all with `THOROUGH=1` */
export const cases = (all: number): number => (isThorough ? all : Math.ceil(all / 4));

/** Returns whether a case is left to other runs. @param share one of so many cases runs */
export const isLeftOut = (index: number, share: number): boolean =>
  !isThorough && (index + SHARE_SEED) % share !== 0;
