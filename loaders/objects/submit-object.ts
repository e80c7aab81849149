import path from "node:path";
import { UnsiloedError } from "../../src/errors.js";
import type { SubmitOptions, UnsiloedClient } from "../../src/parse-api/client.js";
import { isPublicHost } from "../../src/parse-api/http/safe-address.js";
import { fileKind, MAX_FORM_BYTES } from "../../src/parse-api/jobs/file-types.js";
import type { CurrentRequest } from "../../src/parse-api/jobs/request-names.js";
import type { Submission } from "../../src/parse-api/jobs/submit.js";
import type { FoundObject } from "./find-objects.js";

/** How long the service may take until it fetches an object. Credentials of a role may end earlier, and the address with them. */
const LIFE_SECONDS = 24 * 3600;

/**
 * Submits an object by an address that works for a day and is made for this submission, so that its bytes do not pass
 * through this machine. Where the service cannot use such an address, the object is read here and sent as a file is: where
 * the store is not public, the credentials cannot sign, or only the upload takes files of the type.
 *
 * @throws UnsiloedError `FILE_NOT_FOUND`, `UPLOAD_FAILED` when the object has changed; what the client throws
 */
export const submitObject = async (
  { address, store, object }: FoundObject,
  client: UnsiloedClient,
  request: CurrentRequest,
  options: SubmitOptions,
): Promise<Submission> => {
  const { key, bytes, contentTag } = object;
  const { signal } = options;
  const now = await store.find(key, { signal });
  if (!now)
    throw new UnsiloedError("FILE_NOT_FOUND", `${address}: no such object any more`, { source: address });
  if (now.contentTag !== contentTag)
    throw new UnsiloedError(
      "UPLOAD_FAILED",
      `${address}: the object changed after it was listed; run again`,
      {
        source: address,
      },
    );
  const name = path.posix.basename(key);
  if (fileKind(name) !== "uploadOnly" && bytes <= MAX_FORM_BYTES) {
    const url = await store.presign(key, LIFE_SECONDS);
    // An emulator on this machine reaches what this machine reaches.
    if (url && (client.isLocal || (await isPublicHost(url)))) return client.submitUrl(url, request, options);
  }
  return client.submitFile({ name, bytes, stream: () => store.read(key, { signal }) }, request, options);
};
