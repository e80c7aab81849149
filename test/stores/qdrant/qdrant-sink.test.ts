import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { QdrantSink } from "../../../src/stores/qdrant/index.js";
import { describeSink, type OpenSink } from "../../contract/sink.js";
import { QdrantDouble } from "../../support/qdrant-double/server.js";

/** Sinks on a new collection each, which is removed with them. */
const sinksAt =
  (addresses: () => string): OpenSink =>
  async () => {
    const url = addresses();
    const anyOne = url.split(",").at(-1);
    const collection = `test-${randomUUID()}`;
    const open = () => new QdrantSink({ url, collection });
    const key = process.env["QDRANT_API_KEY"];
    return {
      sink: open(),
      reopen: async () => open(),
      close: async () => {
        await fetch(`${anyOne}/collections/${collection}`, {
          method: "DELETE",
          headers: key ? { "api-key": key } : {},
        });
      },
    };
  };

describe("the double", () => {
  let double: QdrantDouble;
  beforeAll(async () => {
    double = await QdrantDouble.start({ strictMode: true });
  });
  afterAll(async () => {
    expect(double.violations).toEqual([]);
    await double.close();
  });
  describeSink(
    "Qdrant's double",
    sinksAt(() => double.url),
  );
});

describe("a cluster of which one server dies during each case", () => {
  let dying: QdrantDouble;
  let living: QdrantDouble;
  beforeAll(async () => {
    dying = await QdrantDouble.start();
    living = await QdrantDouble.start({ store: dying.store });
  });
  afterAll(async () => {
    expect([...dying.violations, ...living.violations]).toEqual([]);
    await Promise.all([dying.close(), living.close()]);
  });
  describeSink(
    "Qdrant's double at two addresses",
    sinksAt(() => {
      dying.faults.clear();
      dying.faults.add({
        fault: { kind: "reset", applied: true },
        after: 5,
        times: Number.POSITIVE_INFINITY,
      });
      return `${dying.url},${living.url}`;
    }),
  );
});

const REAL = process.env["QDRANT_TEST_URL"]?.replace(/\/+$/, "");

describe("a real server", () => {
  if (REAL) {
    describeSink(
      "Qdrant",
      sinksAt(() => REAL),
    );
  } else it.skip("set QDRANT_TEST_URL to run the same cases there", () => {});
});
