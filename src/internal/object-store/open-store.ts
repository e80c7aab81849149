import { type ObjectAddress, type ObjectScheme, readObjectAddress } from "./address.js";
import { openAzure } from "./azure-store.js";
import { openGoogle } from "./google-store.js";
import type { ObjectStore, StoredObject } from "./object-store.js";
import { openS3 } from "./s3-store.js";

const OPEN: Readonly<Record<ObjectScheme, (bucket: string) => Promise<ObjectStore>>> = {
  s3: openS3,
  gs: openGoogle,
  az: openAzure,
};

type Place = Pick<ObjectAddress, "scheme" | "bucket">;

/** Opens buckets, each once, with the settings and credentials that the SDK of the service finds in the environment. */
export class ObjectStores {
  readonly #opened = new Map<string, Promise<ObjectStore>>();

  /** Opens the bucket of an address. @throws UnsiloedError `MISSING_PACKAGE`, which says what to install */
  open({ scheme, bucket }: Place): Promise<ObjectStore> {
    const name = `${scheme}://${bucket}`;
    const opened = this.#opened.get(name) ?? OPEN[scheme](bucket);
    this.#opened.set(name, opened);
    return opened;
  }

  /** Looks an object up by its address. @returns `undefined` when there is none */
  async find(address: string): Promise<StoredObject | undefined> {
    const { key, ...place } = readObjectAddress(address);
    return (await this.open(place)).find(key);
  }
}
