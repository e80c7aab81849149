import {
  type ObjectAddress,
  objectAddress,
  prefixOf,
  readObjectAddress,
} from "../../internal/object-store/address.js";
import { type ObjectStore, readAll } from "../../internal/object-store/object-store.js";
import { ObjectStores } from "../../internal/object-store/open-store.js";
import type { CheckOptions, ListedFile, ResultFiles, ResultFileWriter } from "./result-files.js";

/** Files below a prefix of an object store, which is opened when it is first needed. */
export class ObjectFiles implements ResultFiles {
  readonly #place: Pick<ObjectAddress, "scheme" | "bucket">;
  readonly #prefix: string;
  readonly #stores = new ObjectStores();

  /** @param address such as `s3://bucket/prefix` @throws UnsiloedError `INVALID_OPTION` */
  constructor(address: string) {
    const { key, ...place } = readObjectAddress(prefixOf(address));
    this.#place = place;
    this.#prefix = key;
  }

  async check({ signal, written }: CheckOptions): Promise<void> {
    const store = await this.#open();
    for await (const _ of store.list(this.#prefix, { signal, pageSize: 1 })) break;
    if (written === undefined) return;
    const key = `${this.#prefix}${written}.${crypto.randomUUID()}.tmp`;
    await store.write(key, Buffer.of(), { signal });
    await store.delete(key, { signal });
  }

  describe(file: string): string {
    return objectAddress(this.#place, this.#prefix + file);
  }

  async read(file: string): Promise<Buffer | undefined> {
    const store = await this.#open();
    // What cannot be read for another reason than that it is not there is a failure.
    return (await store.find(this.#prefix + file)) && readAll(store.read(this.#prefix + file));
  }

  /** An object is made by one request. The whole file is in memory until then: compressed, it is small. */
  write(file: string): ResultFileWriter {
    let parts: Buffer[] = [];
    return {
      append: async (bytes) => void parts.push(bytes),
      commit: async () => (await this.#open()).write(this.#prefix + file, Buffer.concat(parts)),
      close: async () => {
        parts = [];
      },
    };
  }

  async delete(file: string): Promise<boolean> {
    const store = await this.#open();
    if (!(await store.find(this.#prefix + file))) return false;
    await store.delete(this.#prefix + file);
    return true;
  }

  async *list(): AsyncGenerator<ListedFile> {
    const store = await this.#open();
    for await (const page of store.list(this.#prefix))
      for (const { key, bytes } of page) yield { file: key.slice(this.#prefix.length), bytes };
  }

  /** Nothing is left of a request that was not finished. */
  async sweep(): Promise<number> {
    return 0;
  }

  #open(): Promise<ObjectStore> {
    return this.#stores.open(this.#place);
  }
}
