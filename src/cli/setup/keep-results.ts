import { isObjectAddress, readObjectAddress } from "../../internal/object-store/address.js";
import { KEEP_MODES, type KeepMode } from "../../ledger/results/keep-mode.js";

/** What `--keep-results` says. */
export interface KeepChoice {
  mode: KeepMode;
  /** A directory or a prefix in an object store. @default in the state directory */
  place?: string | undefined;
}

/** What `--keep-results` accepts. */
export const KEEP_FORMS =
  "all, text, none, a place (./DIR, s3://BUCKET/PREFIX, gs://… or az://…) or both, such as text:s3://BUCKET/PREFIX";

const isPlace = (text: string): boolean =>
  isObjectAddress(text) || (/[\\/]/.test(text) && !/^[a-z][a-z0-9+.-]+:\/\//i.test(text));

/** Reads what `--keep-results` says. @returns `undefined` for what it does not accept */
export const readKeepResults = (text: string): KeepChoice | undefined => {
  const [, named, rest] = /^([a-z]+)(?::(.+))?$/s.exec(text) ?? [];
  const mode = KEEP_MODES.find((known) => known === named);
  const place = mode ? rest : text;
  if (place === undefined) return mode && { mode };
  if (!mode && !isPlace(place)) return undefined;
  if (isObjectAddress(place)) readObjectAddress(place);
  return { mode: mode ?? "all", place };
};
