import { UnsiloedError } from "../../errors.js";

/** The schemes of addresses of objects: Amazon S3 and what is compatible with it, Google Cloud Storage, Azure Blob Storage. */
export const OBJECT_SCHEMES = ["s3", "gs", "az"] as const;
export type ObjectScheme = (typeof OBJECT_SCHEMES)[number];

/** A bucket, or what Azure calls a container, and a key or the beginning of keys in it. */
export interface ObjectAddress {
  scheme: ObjectScheme;
  bucket: string;
  /** Taken as it is: a key may hold any character, and nothing in it is escaped. */
  key: string;
}

/** Tells whether a name is an address in an object store, such as `s3://bucket/prefix`. */
export const isObjectAddress = (name: string): boolean => /^(?:s3|gs|az):\/\//i.test(name);

/** Reads an address in an object store. @throws UnsiloedError `INVALID_OPTION` */
export const readObjectAddress = (name: string): ObjectAddress => {
  const [, named = "", bucket = "", key = ""] =
    /^(\w+):\/\/([a-z0-9$][a-z0-9._-]{0,254})(?:\/(.*))?$/is.exec(name) ?? [];
  const scheme = OBJECT_SCHEMES.find((known) => known === named.toLowerCase());
  if (scheme) return { scheme, bucket, key };
  throw new UnsiloedError(
    "INVALID_OPTION",
    `${name}: expected s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX`,
  );
};

/** Writes an address. */
export const objectAddress = (
  { scheme, bucket }: Pick<ObjectAddress, "scheme" | "bucket">,
  key = "",
): string => `${scheme}://${bucket}/${key}`;

/** Returns how the addresses of all objects below an address begin. */
export const prefixOf = (name: string): string => {
  const { key, ...place } = readObjectAddress(name);
  return objectAddress(place, key === "" || key.endsWith("/") ? key : `${key}/`);
};
