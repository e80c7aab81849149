import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Emulator } from "../../src/emulator/emulator.js";
import { startEmulator } from "../../src/emulator/server.js";
import { systemClock } from "../../src/internal/async/clock.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { QdrantSink } from "../../src/stores/qdrant/qdrant-sink.js";
import type { VectorSink } from "../../src/stores/sink.js";
import { startCli } from "../support/cli/run-cli.js";
import { OpenAIServer } from "../support/openai/server.js";
import { smallResult } from "../support/parse-service.js";
import { QdrantDouble } from "../support/qdrant-double/server.js";
import { isLeftOut, SHARE_SEED } from "../support/thorough.js";

const DOCUMENTS = 12;

describe.each(["lancedb", "qdrant"])(
  `two runs at once on one ledger and %s (seed ${SHARE_SEED})`,
  (store) => {
    const index = store === "qdrant" ? 1 : 0;
    let cwd: string;
    let emulator: Emulator;
    let openai: OpenAIServer;
    let qdrant: QdrantDouble;
    let sink: VectorSink;
    /** Whether jobs may end: until then the time of the parse service stands still. */
    let mayEnd: boolean;

    beforeEach(async () => {
      cwd = await mkdtemp(path.join(tmpdir(), "unsiloed-concurrent-"));
      mayEnd = true;
      const begun = Date.now();
      const clock = { ...systemClock, now: () => (mayEnd ? Date.now() : begun) };
      [emulator, openai, qdrant] = await Promise.all([
        startEmulator({ results: smallResult(2, 3), delays: { processingMs: 200 }, clock }),
        OpenAIServer.start({ dimensions: 8 }),
        QdrantDouble.start(),
      ]);
      sink =
        store === "qdrant"
          ? new QdrantSink({ url: qdrant.url })
          : new LanceDbSink({ directory: path.join(cwd, "vectors") });
      await mkdir(path.join(cwd, "docs"));
      for (let index = 0; index < DOCUMENTS; index++)
        await writeFile(path.join(cwd, `docs/${index}.pdf`), `%PDF-1.7 ${index}`);
    });

    afterEach(async () => {
      await Promise.all([emulator.close(), openai.close(), qdrant.close(), sink.close()]);
      await rm(cwd, { recursive: true, force: true });
    });

    /** Starts the command, with a way to wait until it has printed a text. */
    const start = () => {
      const place = store === "qdrant" ? `qdrant:${qdrant.url}` : "lancedb:vectors";
      const env = {
        UNSILOED_API_KEY: "key-of-parsing",
        UNSILOED_BASE_URL: emulator.url,
        OPENAI_API_KEY: "key-of-embedding",
        OPENAI_BASE_URL: openai.baseURL,
      };
      // Few enough that neither run claims all documents.
      const args = [
        "ingest",
        "docs",
        "--store",
        place,
        "--poll-interval",
        "100",
        "--json",
        "--concurrency",
        "4",
      ];
      const waiting = new Map<string, () => void>();
      let said = "";
      const tell = () => {
        for (const [text, resolve] of waiting) if (said.includes(text)) resolve();
      };
      const onStderr = (stderr: string): undefined => {
        said = stderr;
        tell();
      };
      const says = (text: string): Promise<void> =>
        new Promise((resolve) => {
          waiting.set(text, resolve);
          tell();
        });
      return { ...startCli([...args, "--rate-limit", "100000"], { cwd, env, onStderr }), says };
    };

    const pointsByDocument = async (): Promise<Map<string, number>> => {
      const counts = new Map<string, number>();
      for await (const { metadata } of sink.readPoints({}))
        counts.set(metadata.doc_id, (counts.get(metadata.doc_id) ?? 0) + 1);
      return counts;
    };

    const expectWhole = async (points: number): Promise<void> => {
      const counts = await pointsByDocument();
      expect(counts.size).toBe(DOCUMENTS);
      expect(new Set(counts.values())).toEqual(new Set([points / DOCUMENTS]));
    };

    it("submit and store each document once, and both report all documents", {
      skip: isLeftOut(index, 2),
    }, async () => {
      const [one, other] = await Promise.all([start().ended, start().ended]);
      expect([one.code, other.code], one.stderr + other.stderr).toEqual([0, 0]);
      const reports = [JSON.parse(one.stdout), JSON.parse(other.stdout)];
      for (const { sources, segments } of reports) {
        expect(sources).toMatchObject({ total: DOCUMENTS, succeeded: DOCUMENTS });
        expect(segments).toMatchObject({ total: DOCUMENTS * 6, stored: DOCUMENTS * 6 });
      }
      expect(emulator.submissions).toBe(DOCUMENTS);
      const upserted = reports[0].points.upserted + reports[1].points.upserted;
      await expectWhole(upserted);
    });

    it("take over the documents of a run that was killed", { skip: isLeftOut(index + 1, 2) }, async () => {
      mayEnd = false;
      const dying = start();
      await dying.says("submitted");
      const living = start();
      // Neither run can end before the other has started, because no job ends.
      await living.says("claimed by another run");
      dying.child.kill("SIGKILL");
      const one = await dying.ended;
      mayEnd = true;
      const other = await living.ended;
      expect(one.code).toBeNull();
      const report = JSON.parse(other.stdout);
      const unknown: { code: string }[] = report.failures;
      // The user decides about documents that the killed run was submitting.
      expect(unknown.filter(({ code }) => code !== "SUBMISSION_UNKNOWN")).toEqual([]);
      expect(report.sources.succeeded + unknown.length).toBe(DOCUMENTS);
      expect(emulator.submissions).toBeLessThanOrEqual(DOCUMENTS);
      expect((await pointsByDocument()).size).toBe(DOCUMENTS - unknown.length);
    });
  },
);
