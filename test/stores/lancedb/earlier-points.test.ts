import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect } from "@lancedb/lancedb";
import { expect, it, onTestFinished } from "vitest";
import { LanceDbSink } from "../../../src/stores/lancedb/index.js";
import { idOf, pointOf, SPEC } from "../../support/sink-data.js";

it("finds points of earlier versions by the words as they are printed, until they are written again", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-earlier-"));
  const sink = new LanceDbSink({ directory, collection: "earlier" });
  onTestFinished(async () => {
    await sink.close();
    await rm(directory, { recursive: true, force: true });
  });
  const content = "Η οδός Αθηνάς, Großstraße in İzmir";
  await sink.prepare(SPEC);
  await sink.upsert([pointOf(1, { content }), pointOf(2, { content: "another passage" })]);
  const database = await connect(directory);
  const table = await database.openTable("earlier");
  await table.update({ where: `id = '${idOf(1)}'`, values: { lexical: content } });
  database.close();
  const found = async (text: string) => (await sink.search({ mode: "text", k: 5, text })).map(({ id }) => id);

  for (const question of ["οδός", "Großstraße", "grossstrasse", "İzmir"])
    expect(await found(question), question).toEqual([idOf(1)]);
  expect(await found("ΑΘΗΝΑΣ")).toEqual([]);
  await sink.upsert([pointOf(1, { content })]);
  for (const question of ["οδός", "ΑΘΗΝΑΣ", "Grossstrasse", "izmir"])
    expect(await found(question), question).toEqual([idOf(1)]);
});
