import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { ingest } from "../../src/ingest/ingest.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { runHosted } from "../support/cli/run-cli.js";
import { SEARCHABLES, type Searchable } from "../support/retrieval/searchable.js";

/** What stands in a document of its own, and the words that must find it. */
const DOCUMENTS: [string, string, ...string[]][] = [
  ["french", "L’af\u00adfec\u00adta\u00adtion du résul-\ntat et l’œuvre", "affectation", "résultat", "ŒUVRE"],
  ["german", "Die Großhandels-\npreise der STRASSENREINIGUNG", "Großhandelspreise", "Straßenreinigung"],
  ["turkish", "KİRA SÖZLEŞMESİ", "kira", "sözleşmesi"],
  ["greek", "ΣΥΜΒΑΣΗ ΜΊΣΘΩΣΗΣ", "σύμβαση", "μίσθωσης"],
  ["russian", "Дого\u00adвор арен-\nды помещений", "договор", "АРЕНДЫ"],
  ["japanese", "ﾗｲｾﾝｽ 契約", "ライセンス"],
  ["arabic", "عقـــد الإيجار رقم ٥٨٣", "عقد", "583"],
  [
    "english",
    "Pre-\nexisting condi-\ntions of ﬁnancial co-\noperation",
    "pre-existing",
    "conditions",
    "cooperation",
  ],
];

describe.each(SEARCHABLES)("words of documents in %s", (_, open) => {
  let opened: Searchable;
  beforeAll(async () => {
    opened = await open();
    for (const [docId, content] of DOCUMENTS) await opened.add(docId, [{ segment_type: "Text", content }]);
  });
  afterAll(() => opened.close());

  const cases = DOCUMENTS.flatMap(([docId, , ...words]) => words.map((word) => [word, docId] as const));
  it.each(cases)("are found by %j", async (text, docId) => {
    const [hit] = await opened.sink.search({ mode: "text", k: 1, text });
    expect(hit?.metadata.doc_id).toBe(docId);
  });

  it("are shown as they are printed", async () => {
    const [hit] = await opened.sink.search({ mode: "text", k: 1, text: "aus der Strassenreinigung" });
    expect(hit?.content).toContain("Großhandels-\npreise der STRASSENREINIGUNG");
  });
});

const RESULT = fileURLToPath(new URL("../../../shared/cases/word-search.json", import.meta.url));
const SHARED_CASES: [string, string][] = [
  ["indemnification", "clause survives"],
  ["officer", "signed the"],
  ["Kündigungsfrist", "drei Monate"],
  ["environmental", "permit and the"],
  ["renewable", "permit and the"],
  ["joiner", "Four"],
  ["Strasse", "part no."],
  ["strasse", "part no."],
  ["Istanbul", "part no."],
  ["istanbul", "part no."],
];

const lacks = existsSync(RESULT) ? "" : ` (skipped: ${path.basename(RESULT)} is not there)`;

describe.skipIf(lacks !== "")(`words of the shared case${lacks}`, () => {
  describe.each(SEARCHABLES)("in %s", (_, open) => {
    let opened: Searchable;
    beforeAll(async () => {
      opened = await open();
      const sources = new UnsiloedResultLoader(RESULT, { words: true }).sources();
      const { sink, embeddings } = opened;
      const { failures } = await ingest(sources, { sink, embeddings, splitter: new SegmentSplitter() });
      expect(failures).toEqual([]);
    });
    afterAll(() => opened.close());

    it.each(SHARED_CASES)("are found by %j", async (text, expected) => {
      const [hit] = await opened.sink.search({ mode: "text", k: 1, text });
      expect(hit?.content).toContain(expected);
    });
  });

  describe("on the command line", () => {
    let cwd: string;
    beforeAll(async () => {
      cwd = await mkdtemp(path.join(tmpdir(), "unsiloed-words-"));
      const { code, stderr } = await runHosted(["ingest", `result:${RESULT}`], { cwd });
      expect(stderr).not.toContain("Error");
      expect(code).toBe(0);
    });
    afterAll(() => rm(cwd, { recursive: true, force: true }));

    it.each(SHARED_CASES)("are found by %j", async (text, expected) => {
      const { code, stdout } = await runHosted(["search", text, "--mode", "text", "--k", "1"], { cwd });
      expect(code).toBe(0);
      expect(stdout).toContain(expected);
    });
  });
});
