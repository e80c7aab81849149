import { fileURLToPath } from "node:url";
import { messageOf, UnsiloedError } from "../../../errors.js";
import { isObjectAddress, objectAddress, readObjectAddress } from "../../../internal/object-store/address.js";

const SUPPORTED =
  "a file, a directory, a glob, an http(s), file://, s3://, gs:// or az:// address, job:ID or result:PATH of a saved result";

const unsupported = (name: string, advice: string): UnsiloedError =>
  new UnsiloedError("INVALID_OPTION", `${name}: expected ${SUPPORTED}; ${advice}`);

const ADVICE: Readonly<Record<string, string>> = {
  r2: "write s3://BUCKET/PREFIX and set AWS_ENDPOINT_URL_S3",
  gcs: "write gs://BUCKET/PREFIX",
  azure: "write az://CONTAINER/PREFIX",
  abfs: "write az://CONTAINER/PREFIX and set AZURE_STORAGE_ACCOUNT",
  abfss: "write az://CONTAINER/PREFIX and set AZURE_STORAGE_ACCOUNT",
};

/** What helps with an address that cannot be read, by its scheme. */
const adviceOn = (scheme: string): string => ADVICE[scheme] ?? "download the document first";

const pathOf = (address: string): string => {
  try {
    return fileURLToPath(address);
  } catch (thrown) {
    throw unsupported(address, `this address leads to no file (${messageOf(thrown)})`);
  }
};

/**
 * Reads a source as the user names it: an address of a file becomes its path, everything else stays.
 *
 * @throws UnsiloedError `INVALID_OPTION` for what is no source, such as standard input
 */
export const sourceName = (name: string): string => {
  if (name === "-")
    throw unsupported(
      name,
      "standard input has no name to be known by in the next run: save it to a file first",
    );
  const [, result = "", rest = ""] = /^(result:)?(.*)$/is.exec(name) ?? [];
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(rest) ?? [];
  if (/^file:/i.test(rest)) return result + pathOf(rest);
  if (result === "" && isObjectAddress(rest)) {
    const { key, ...place } = readObjectAddress(rest);
    return objectAddress(place, key);
  }
  if (scheme === undefined || (result === "" && /^https?$/i.test(scheme))) return name;
  throw unsupported(name, adviceOn(scheme.toLowerCase()));
};
