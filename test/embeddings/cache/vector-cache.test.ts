import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CachedEmbeddings } from "../../../src/embeddings/cache/cached-embeddings.js";
import { VectorCache } from "../../../src/embeddings/cache/vector-cache.js";
import { HashedEmbeddings } from "../../support/hashed-embeddings.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "unsiloed-cache-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("VectorCache", () => {
  it("stays within its size, and keeps the vectors that are used", async () => {
    const inner = new HashedEmbeddings("hashed", 1000);
    const cached = new CachedEmbeddings(inner, { directory, maxBytes: 1_000_000 });
    for (let n = 0; n < 60; n++)
      await cached.embedDocuments(["dear", ...Array.from({ length: 10 }, (_, m) => `${n}/${m}`)]);
    const kept = new VectorCache(directory, 1_000_000);
    expect(await kept.size()).toBeLessThan(1_200_000);
    await kept.close();
    expect(inner.embedded.filter((text) => text === "dear")).toHaveLength(1);
    await cached.embedDocuments(["59/3"]);
    expect(inner.embedded.filter((text) => text === "59/3")).toHaveLength(1);
    await cached.embedDocuments(["0/3"]);
    expect(inner.embedded.filter((text) => text === "0/3")).toHaveLength(2);
    expect(cached.problem).toBeUndefined();
    await cached.close();
  });
});
