import { expect, it, onTestFinished } from "vitest";
import { LanceDbSink } from "../../../src/stores/lancedb/lancedb-sink.js";
import { setEnvironment } from "../../support/object-stores/environment.js";
import { startS3 } from "../../support/object-stores/s3-server.js";
import { errorOf } from "../../support/parse-service.js";
import { idOf, pointsOf, SPEC } from "../../support/sink-data.js";

const sinkOn = (directory: string): LanceDbSink => {
  const sink = new LanceDbSink({ directory, maintenance: { automatic: false } });
  onTestFinished(() => sink.close());
  return sink;
};

it("keeps a LanceDB collection in S3, for several sinks", async () => {
  const server = await startS3();
  setEnvironment(server.env);
  const [one, other] = [sinkOn("s3://bucket/vectors"), sinkOn("s3://bucket/vectors")];
  expect((await errorOf(one.open())).code).toBe("COLLECTION_NOT_FOUND");
  await one.prepare(SPEC);
  await one.upsert(pointsOf(20));
  await other.prepare(SPEC);
  await other.upsert(pointsOf(30, undefined, 10));
  await one.deletePoints([idOf(0)]);
  expect(await other.count()).toBe(39);
  const vector = pointsOf(6)[5]?.vector;
  if (!vector) throw new Error("expected a vector");
  const [hit] = await other.search({ mode: "dense", k: 1, vector });
  expect(hit?.id).toBe(idOf(5));
  expect(one.description).toBe("lancedb:s3://bucket/vectors (unsiloed)");
  expect((await one.inspect?.())?.facts).toHaveProperty("writers");
  expect(server.requests.every(({ path }) => path.startsWith("/bucket"))).toBe(true);
}, 60_000);
