import { describe, expect, it } from "vitest";
import type { ObjectScheme } from "../../src/internal/object-store/address.js";
import {
  type ObjectStore,
  readAll,
  type StoredObject,
} from "../../src/internal/object-store/object-store.js";
import { errorOf } from "../support/parse-service.js";

/** Opens buckets of one service, which stand empty. */
export interface ObjectStoreUnderTest {
  scheme: ObjectScheme;
  open(bucket: string): Promise<ObjectStore>;
  /** Opens a bucket with credentials that the service refuses. */
  openWithWrongKey(bucket: string): Promise<ObjectStore>;
}

const listed = async (store: ObjectStore, prefix: string, pageSize?: number): Promise<StoredObject[]> => {
  const objects: StoredObject[] = [];
  for await (const page of store.list(prefix, { pageSize })) {
    expect(page.length).toBeLessThanOrEqual(pageSize ?? 1000);
    objects.push(...page);
  }
  return objects;
};

const AWKWARD = "reports/b c#1?ü%20&+.pdf";
const textOf = async (response: Response): Promise<string> => `${response.status} ${await response.text()}`;

/**
 * @param setUp starts the service for one test, with a bucket called `bucket`
 * @param describeIt skips the suite where the service cannot be started
 */
export const describeObjectStore = (
  name: string,
  setUp: () => Promise<ObjectStoreUnderTest>,
  describeIt: (name: string, cases: () => void) => void = describe,
): void => {
  const open = async () => (await setUp()).open("bucket");

  describeIt(`${name} as an object store`, () => {
    it("writes, finds, reads and deletes an object of any name", async () => {
      const store = await open();
      await store.write(AWKWARD, Buffer.from("hello"));
      expect(await store.find(AWKWARD)).toMatchObject({ key: AWKWARD, bytes: 5 });
      expect((await readAll(store.read(AWKWARD))).toString()).toBe("hello");
      expect((await readAll(store.read(AWKWARD, { range: { start: 1, length: 3 } }))).toString()).toBe("ell");
      expect((await readAll(store.read(AWKWARD, { range: { start: 3, length: 30 } }))).toString()).toBe("lo");
      await store.write(AWKWARD, Buffer.from("changed"));
      expect((await readAll(store.read(AWKWARD))).toString()).toBe("changed");
      await store.delete(AWKWARD);
      await store.delete(AWKWARD);
      expect(await store.find(AWKWARD)).toBeUndefined();
      expect((await errorOf(readAll(store.read(AWKWARD)))).code).toBe("FILE_NOT_FOUND");
    });

    it("lists what begins with a prefix, in the order of keys and page by page", async () => {
      const store = await open();
      const keys = ["many/1", "many/1.pdf", "many/10.pdf", "many/Z", "many/a/b", "many/a0", "many/ä"];
      for (const key of ["other.pdf", ...keys.toReversed()]) await store.write(key, Buffer.from(key));
      expect((await listed(store, "many/", 3)).map(({ key }) => key)).toEqual(keys);
      expect((await listed(store, "", 7)).length).toBe(8);
      expect((await listed(store, "many/1")).map(({ key }) => key)).toEqual(keys.slice(0, 3));
      expect(await listed(store, "nothing/")).toEqual([]);
    });

    it("lists and finds the same tag, which is equal for equal bytes and changes with them", async () => {
      const store = await open();
      await store.write("a.pdf", Buffer.from("same"));
      await store.write("b.pdf", Buffer.from("same"));
      await store.write("c.pdf", Buffer.from("other"));
      const [a, b, c] = await listed(store, "");
      expect(a).toEqual({ key: "a.pdf", bytes: 4, contentTag: "md5:51037a4a37730f52c8732586d3aaa316" });
      expect(b?.contentTag).toBe(a?.contentTag);
      expect(c?.contentTag).not.toBe(a?.contentTag);
      expect(await store.find("a.pdf")).toEqual(a);
      await store.write("a.pdf", Buffer.from("new"));
      expect((await store.find("a.pdf"))?.contentTag).not.toBe(a?.contentTag);
    });

    it("makes addresses that anybody can read from, and that nobody can change", async () => {
      const store = await open();
      await store.write(AWKWARD, Buffer.from("hello"));
      await store.write("reports/secret.pdf", Buffer.from("secret"));
      const url = await store.presign(AWKWARD, 3600);
      if (!url) throw new Error("expected an address");
      expect(await textOf(await fetch(url))).toBe("200 hello");
      expect((await fetch(`${url.origin}${url.pathname}`)).status).not.toBe(200);
      const other = new URL(url);
      other.pathname = `${url.pathname.slice(0, url.pathname.lastIndexOf("/"))}/secret.pdf`;
      expect((await fetch(other)).status).toBe(403);
    });

    it("says which bucket there is not", async () => {
      const { scheme, open: openBucket } = await setUp();
      const store = await openBucket("nosuch");
      const error = await errorOf(listed(store, "reports/"));
      expect(error.code).toBe("FILE_NOT_FOUND");
      expect(error.message).toContain(`${scheme}://nosuch/`);
    });

    it("says where credentials are looked for when they are refused", async () => {
      const { scheme, openWithWrongKey } = await setUp();
      const error = await errorOf(listed(await openWithWrongKey("bucket"), ""));
      expect(error.code).toBe("UNAUTHORIZED");
      expect(error.message).toContain(`${scheme}://bucket/: no credentials were accepted`);
    });

    it("stops when its signal aborts", async () => {
      const store = await open();
      const error = await errorOf(store.write("a.pdf", Buffer.from("x"), { signal: AbortSignal.abort() }));
      expect(error.code).toBe("ABORTED");
    });
  });
};
