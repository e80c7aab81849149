import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { UnsiloedFileLoader } from "../../loaders/file-loader.js";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { describeRecord, describeSource, findDescribed } from "../../src/distributed/queued-source.js";
import type { SegmentDocument } from "../../src/documents/metadata.js";
import type { DocumentSource } from "../../src/documents/source.js";
import { newRecord } from "../../src/ledger/record.js";
import { failureOf } from "../contract/ledger.js";
import { smallResult } from "../support/parse-service.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "unsiloed-queued-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

/** Finds sources as a worker does; what was looked for is noted. */
const finder =
  (names: string[] = []) =>
  (name: string, { docId, title }: { docId: string; title?: string | undefined }) => {
    names.push(name);
    const options = { docId, ...(title !== undefined && { title }) };
    return name.startsWith("result:")
      ? new UnsiloedResultLoader(name.slice(7), options).sources()
      : new UnsiloedFileLoader(name, { ...options, apiKey: "k" }).sources();
  };

const read = (source: DocumentSource): Promise<SegmentDocument[]> => collect(source.read());

it("a file is found by its path on the machine, and has the name that the user gave it", async () => {
  const file = path.join(directory, "acme-lease.json");
  await writeFile(file, JSON.stringify(smallResult()));
  const given = path.relative(process.cwd(), file);
  const [source] = await collect(new UnsiloedResultLoader(given).sources());
  if (!source) throw new Error("no source");
  const names: string[] = [];
  const found = await findDescribed(describeSource(source, `result:${given}`), finder(names));
  expect(names).toEqual([`result:${file}`]);
  expect(found).toMatchObject({ source: given, file, docId: source.docId });
  expect(found.isDocIdChosen ?? false).toBe(false);
  expect(await found.identify?.()).toEqual(await source.identify?.());
  const documents = await read(found);
  expect(documents.length).toBeGreaterThan(0);
  expect(documents).toEqual(await read(source));
});

it.each([
  ["https://u:p@example.com/a.pdf#page=2", "https://example.com/a.pdf"],
  ["https://example.com/a.pdf?v=2&X-Amz-Signature=s", "https://example.com/a.pdf?v=2"],
  ["https://example.com/a.pdf?v=2", "https://example.com/a.pdf?v=2"],
])(
  "the name of %s leaves out what gives access, and its whole address is found again",
  async (given, name) => {
    const [source] = await collect(new UnsiloedFileLoader(given, { apiKey: "k" }).sources());
    if (!source) throw new Error("no source");
    const described = describeSource(source, given);
    const { address, ...others } = described.source;
    expect(others).toEqual({ name });
    expect(address).toBe(given === name ? undefined : given);
    const names: string[] = [];
    expect(await findDescribed(described, finder(names))).toMatchObject({ source: name, docId: name });
    expect(names).toEqual([given]);
  },
);

it("a record leads to its source, under the name that it has there", async () => {
  const file = path.join(directory, "a.json");
  await writeFile(file, JSON.stringify(smallResult()));
  const change = {
    state: "failed",
    content_hash: "c",
    last_error: { stage: "embed", code: "X", message: "" },
  } as const;
  const record = newRecord({ docId: "x", source: "gone/a.json", file }, change, 0);
  const found = await findDescribed(describeRecord(record), finder());
  expect(found).toMatchObject({ source: "gone/a.json", docId: "x" });
  expect((await read(found))[0]?.metadata.source).toBe("gone/a.json");
});

it("a description that is none, or stands for several documents, is refused", async () => {
  for (const name of ["a.json", "b.json"]) await writeFile(path.join(directory, name), "{}");
  const several = { docId: "x", source: { name: directory, isResult: true } };
  const find = (name: string) => new UnsiloedResultLoader(name.slice(7)).sources();
  expect((await failureOf(findDescribed(several, find))).message).toMatch(/expected one document, found 2/);
  expect((await failureOf(findDescribed({ docId: "x", source: {} }, find))).code).toBe("INVALID_OPTION");
});
