import path from "node:path";

/** Tells whether the database is in an object store. */
export const isRemote = (directory: string): boolean => /^s3:\/\//i.test(directory);

/** Returns where the database is, so that a later change of the working directory has no effect. */
export const locationOf = (directory: string): string =>
  isRemote(directory) ? directory : path.resolve(directory);

/**
 * Returns what LanceDB is told of an object store. It looks for credentials itself as the SDKs of Amazon do, but knows
 * neither their variables for other servers nor those that were read from a file since the start.
 */
export const storageOptions = (): Record<string, string> => {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION, ...others } = process.env;
  const endpoint = AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL;
  const given = {
    aws_endpoint: endpoint,
    allow_http: endpoint?.startsWith("http://") ? "true" : undefined,
    aws_region: AWS_REGION || AWS_DEFAULT_REGION || (endpoint && "us-east-1"),
    aws_access_key_id: others["AWS_ACCESS_KEY_ID"],
    aws_secret_access_key: others["AWS_SECRET_ACCESS_KEY"],
    aws_session_token: others["AWS_SESSION_TOKEN"],
  };
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value ? [[name, value]] : [])));
};
