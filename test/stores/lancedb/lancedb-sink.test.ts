import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { LanceDbSink } from "../../../src/stores/lancedb/index.js";
import { describeSink } from "../../contract/sink.js";

describeSink("LanceDB", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-lancedb-"));
  const sinks: LanceDbSink[] = [];
  const make = () => {
    const sink = new LanceDbSink({ directory, collection: "contract" });
    sinks.push(sink);
    return sink;
  };
  return {
    sink: make(),
    reopen: async () => make(),
    close: async () => {
      await Promise.all(sinks.map((sink) => sink.close()));
      await rm(directory, { recursive: true, force: true });
    },
  };
});
