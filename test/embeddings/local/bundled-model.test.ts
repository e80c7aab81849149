import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { Tokenizer } from "@huggingface/tokenizers";
import { beforeAll, describe, expect, it } from "vitest";
import { localEntry } from "../../../src/embeddings/local/entry.js";
import { findBundledModel, readConfig } from "../../../src/embeddings/local/model-config.js";
import { readModel } from "../../../src/embeddings/local/model-files.js";
import { StaticEmbeddings } from "../../../src/embeddings/local/static-embeddings.js";

const MODEL = findBundledModel();
const ROOT = path.resolve(import.meta.dirname, "../../..");
const DATA = path.join(ROOT, "bench/retrieval/data");
const NAMES = ["contract", "manual", "paper", "vertrag-de", "manuel-fr", "informe-es", "hetong-zh"];

const TEXTS = [
  "Net revenue rose by 12.4 % to EUR 1,204.7 million in fiscal 2024.",
  "日本語 и русский, ﬁne ligatures ½ 🙂🙂 emoji",
  "Die Kündigungsfrist beträgt drei Monate zum Quartalsende.",
];

const ODD_WORDS = [
  ...["e\u0301tude", "İSTANBUL", "Straße", "ΣΥΜΒΑΣΗ", "don't", "x".repeat(300), "a\u0000b"],
  ...["\ud800x", "👩‍👩‍👧", "😀x", "[CLS]", "<unk>", "▁x", "ＩＳＯ", "m²", "①", "٥٨٣"],
];

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

describe("the bundled model", () => {
  const embeddings = new StaticEmbeddings();
  let documents: string[];
  beforeAll(async () => {
    documents = await Promise.all(NAMES.map((name) => readFile(path.join(DATA, `${name}.md`), "utf8")));
  });

  it("is described by what its files hold, and recognised by the command", async () => {
    const config = readConfig(MODEL.config);
    const { rows, scales } = await readModel(MODEL, config);
    expect(scales).toHaveLength(config.tokens);
    expect(rows.length).toBe(config.tokens * config.dimensions);
    expect(scales.every(Number.isFinite)).toBe(true);
    expect(localEntry.recognizes(embeddings.modelName)).toBe(true);
    expect(localEntry.recognizes("text-embedding-3-small")).toBe(false);
  });

  it("divides words into the tokens of the tokenizer of Hugging Face", async () => {
    const json: object = JSON.parse(await readFile(MODEL.tokenizer, "utf8"));
    const reference = new Tokenizer(json, {});
    const { tokenizer } = await readModel(MODEL, readConfig(MODEL.config));
    const words = new Set([...TEXTS, ...ODD_WORDS, ...documents].flatMap((text) => text.split(/\s+/)));
    expect(words.size).toBeGreaterThan(3_000);
    for (const word of words) {
      const { ids }: { ids: number[] } = reference.encode(word, { add_special_tokens: false });
      // The first token is that of what the vocabulary lacks.
      expect(tokenizer.encode(word), word).toEqual(ids.filter((id) => id !== 0));
    }
  });

  it("divides a text word by word as it divides the whole text", async () => {
    const { tokenizer } = await readModel(MODEL, readConfig(MODEL.config));
    for (const text of [...TEXTS, ...documents.map((document) => document.slice(0, 2_000))])
      expect(text.split(/\s+/).flatMap((word) => tokenizer.encode(word))).toEqual(tokenizer.encode(text));
  });

  it("returns vectors of length 1 that depend on the text alone, in every process", async () => {
    const module = path.join(ROOT, "dist/src/embeddings/local/static-embeddings.js");
    const script = `const { StaticEmbeddings } = await import(${JSON.stringify(module)});
      console.log(JSON.stringify(await new StaticEmbeddings().embedDocuments(${JSON.stringify(TEXTS)})));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
    const mixed = await embeddings.embedDocuments(["another", ...TEXTS, "text"]);
    expect(JSON.parse(stdout)).toEqual(mixed.slice(1, -1));
    for (const vector of mixed) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it.each([
    [
      "Which animals live in the ocean?",
      "Whales are mammals.",
      "The board met in May.",
      "Revenue grew in Asia.",
    ],
    [
      "Welche Tiere leben im Meer?",
      "Wale sind Säugetiere, die im Ozean schwimmen.",
      "Der Vorstand tagte im Mai.",
      "Der Umsatz in Asien stieg.",
    ],
    [
      "Quels animaux vivent dans la mer ?",
      "Les baleines sont des mammifères qui nagent dans l'océan.",
      "Le conseil s'est réuni en mai.",
      "Le chiffre d'affaires a augmenté en Asie.",
    ],
    [
      "¿Qué animales viven en el mar?",
      "Las ballenas son mamíferos que nadan en el océano.",
      "El consejo se reunió en mayo.",
      "Los ingresos crecieron en Asia.",
    ],
    ["哪些动物生活在海里？", "鲸鱼是在海洋中游泳的哺乳动物。", "董事会于五月开会。", "亚洲的收入增长了。"],
  ])("finds by meaning what answers %j", async (question, answer, ...others) => {
    const asked = await embeddings.embedQuery(question);
    const [right, ...wrong] = await embeddings.embedDocuments([answer, ...others]);
    for (const other of wrong) expect(dot(asked, right ?? [])).toBeGreaterThan(dot(asked, other));
  });
});
