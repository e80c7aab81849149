import path from "node:path";
import { parse as uuidBytes, v5 as uuidv5 } from "uuid";
import { sha256, stableJson } from "../internal/hashing.js";
import { embeddingText } from "./embedding-text.js";
import type { SplitDocument } from "./metadata.js";

/** Namespace of the point ids; changing it would renew every id in every store. */
const POINT_NAMESPACE = uuidBytes("6c1b0c3e-6f0a-5f0e-9a53-2f6f0c7b8d11");

/**
 * Identity of a file: its path relative to `root`, with `/` between the names, so that a run on another machine
 * or operating system finds the same document.
 */
export const fileDocId = (file: string, root: string): string =>
  path.relative(path.resolve(root), path.resolve(root, file)).split(path.sep).join("/").normalize("NFC");

/** The parameters of presigned addresses: of Amazon S3 and CloudFront, Google Cloud Storage and Azure. */
const SIGNED =
  /^(?:x-amz-.*|x-goog-.*|x-id|awsaccesskeyid|googleaccessid|signature|expires|key-pair-id|policy|sig|se|sp|sv|sr|st|spr|sip|sdd|ss|srt|skoid|sktid|skt|ske|sks|skv)$/i;

/** A parameter that holds a signature: only beside one do the others belong to it. */
const SIGNATURE = /^(?:x-amz-signature|x-goog-signature|signature|sig)$/i;

/** Identity of a web address: the address without its fragment and without the signature of a presigned URL. */
export const urlDocId = (url: string): string => {
  const parsed = new URL(url);
  parsed.hash = "";
  parsed.username = "";
  parsed.password = "";
  const names = [...parsed.searchParams.keys()];
  if (names.some((name) => SIGNATURE.test(name)))
    for (const name of names) if (SIGNED.test(name)) parsed.searchParams.delete(name);
  return parsed.href;
};

export const jobDocId = (jobId: string): string => `job:${jobId}`;

/**
 * Ids of the points of one document: UUIDv5 of document, embedded text and that text's ordinal among equal ones.
 * Ids that the service renews on every parse play no part, so the same content always has the same ids.
 */
export const pointIds = (docId: string, splits: readonly SplitDocument[]): string[] => {
  const seen = new Map<string, number>();
  return splits.map((split) => {
    const text = embeddingText(split);
    const ordinal = seen.get(text) ?? 0;
    seen.set(text, ordinal + 1);
    // As bytes: the package would make them of a text one at a time.
    return uuidv5(Buffer.from(JSON.stringify([docId, ordinal, text])), POINT_NAMESPACE);
  });
};

/** What a new parse of the same file renews without any change in the document; `undefined` is left out of a hash. */
const RENEWED = {
  job_id: undefined,
  chunk_id: undefined,
  segment_id: undefined,
  caption_id: undefined,
  caption_of: undefined,
  image: undefined,
};

const stableMetadata = ({ metadata }: SplitDocument): object => {
  const refers_to = metadata.refers_to?.map((reference) => ({ ...reference, segment_id: undefined }));
  return { ...metadata, ...RENEWED, refers_to };
};

/**
 * Version of a document: a hash of everything its points hold, ids of the parse excepted. Equal versions mean
 * that nothing needs to be written.
 *
 * @param options everything else that changes the points: embedding model, dimensions
 */
export const documentVersion = (splits: readonly SplitDocument[], options: unknown): string =>
  sha256([
    stableJson(options),
    ...splits.flatMap((split) => [split.pageContent, stableJson(stableMetadata(split))]),
  ]);
