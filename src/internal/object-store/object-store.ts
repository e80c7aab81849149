/** An object as a listing tells of it, without its bytes. */
export interface StoredObject {
  /** Name of the object in its bucket. */
  key: string;
  /** Size. */
  bytes: number;
  /**
   * Changes with the content: `md5:…` where the service tells the MD5 of the bytes, so that equal bytes have equal values
   * under any key and at any service; otherwise a tag of the service.
   */
  contentTag: string;
}

/** Ends a request. */
export interface RequestOptions {
  signal?: AbortSignal | undefined;
}

/**
 * One bucket of an object store. Methods reject with UnsiloedError: `FILE_NOT_FOUND` for a bucket that does not exist or
 * may not be read, `UNAUTHORIZED` for refused or missing credentials, `SERVICE_UNAVAILABLE`.
 */
export interface ObjectStore {
  /** Lists the objects whose keys begin with a text, in the order of their keys and page by page. */
  list(prefix: string, options?: ListOptions): AsyncIterable<StoredObject[]>;
  /** Looks an object up. @returns `undefined` when there is none */
  find(key: string, options?: RequestOptions): Promise<StoredObject | undefined>;
  /**
   * Makes an address from which anybody can read an object for some time.
   *
   * @returns `undefined` where the credentials cannot sign
   */
  presign(key: string, lifeSeconds: number): Promise<URL | undefined>;
  /** Reads an object, or a part of it. */
  read(key: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** Writes an object at once: readers see the former one or the whole new one. */
  write(key: string, bytes: Uint8Array, options?: RequestOptions): Promise<void>;
  /** Removes an object; one that does not exist is no error. */
  delete(key: string, options?: RequestOptions): Promise<void>;
}

export interface ReadOptions extends RequestOptions {
  /** The bytes to read, counted from 0; fewer where the object ends. @default all */
  range?: { start: number; length: number } | undefined;
}

export interface ListOptions extends RequestOptions {
  /** The most objects in a page. @default 1000, as many as the services allow */
  pageSize?: number | undefined;
}

export const PAGE_SIZE = 1_000;

/** Collects the bytes of an object. */
export const readAll = async (bytes: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
};
