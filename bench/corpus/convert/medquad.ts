import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { DomUtils, parseDocument } from "htmlparser2";
import type { CorpusQuestion } from "../sets.js";
import type { Block, SourceDocument } from "./parse-result.js";
import { drawQuestions, fileName, type SourceSet } from "./source-set.js";

/** Leaflets of the National Institute of Diabetes and of that of Neurological Disorders, and those of the CDC. */
const FOLDERS = ["5_NIDDK_QA", "6_NINDS_QA", "9_CDC_QA"];
const PER_KIND = 40;

type Nodes = ReturnType<typeof parseDocument>["children"];

const textOf = (name: string, nodes: Nodes): string =>
  DomUtils.textContent(DomUtils.getElementsByTagName(name, nodes, true, 1)).trim();

const paragraphsOf = (text: string): string[] =>
  text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, " ").trim())
    .filter((paragraph) => paragraph !== "");

/** Makes a heading of the kind of a question: `exams and tests` becomes `Exams and tests`. */
const headingOf = (kind: string): string => kind.charAt(0).toUpperCase() + kind.slice(1);

const readLeaflet = (
  xml: string,
  taken: Set<string>,
): { document: SourceDocument; questions: CorpusQuestion[] } => {
  const { children } = parseDocument(xml, { xmlMode: true });
  const title = textOf("Focus", children);
  let name = fileName(title);
  for (let number = 2; taken.has(name); number++) name = fileName(`${title} ${number}`);
  taken.add(name);
  const blocks: Block[] = [{ type: "Title", text: title }];
  const questions: CorpusQuestion[] = [];
  for (const pair of DomUtils.getElementsByTagName("QAPair", children)) {
    const [asked] = DomUtils.getElementsByTagName("Question", pair.children, true, 1);
    const kind = asked?.attribs["qtype"] ?? "information";
    const paragraphs = paragraphsOf(textOf("Answer", pair.children));
    if (!asked || paragraphs.length === 0) continue;
    const heading = headingOf(kind);
    if (blocks.findLast(({ type }) => type === "SectionHeader")?.text !== heading)
      blocks.push({ type: "SectionHeader", text: heading });
    const first = blocks.length;
    for (const text of paragraphs) blocks.push({ type: "Text", text });
    const segments = paragraphs.map((_, at) => first + at);
    const question = DomUtils.textContent(asked).replace(/\s+/g, " ").replace(/ \?$/, "?").trim();
    questions.push({ question, kind, gold: [{ document: name, segments }], answers: [] });
  }
  return { document: { name, blocks }, questions };
};

/** Merges equal questions, whose evidence is then in several places. */
const merged = (questions: readonly CorpusQuestion[]): CorpusQuestion[] => {
  const places = new Map<string, { kind: string; documents: Map<string, number[]> }>();
  for (const { question, kind, gold } of questions) {
    const known = places.get(question) ?? { kind, documents: new Map<string, number[]>() };
    places.set(question, known);
    for (const { document, segments } of gold)
      known.documents.set(document, [...(known.documents.get(document) ?? []), ...segments]);
  }
  return [...places].map(([question, { kind, documents }]) => {
    const gold = [...documents].map(([document, segments]) => ({ document, segments }));
    return { question, kind, gold, answers: [] };
  });
};

/** Reads MedQuAD: each leaflet on a disease is a document with its name as title and a heading for each kind of question. */
export const readMedQuad = async (checkout: string, seed: number): Promise<SourceSet> => {
  const taken = new Set<string>();
  const leaflets: ReturnType<typeof readLeaflet>[] = [];
  for (const folder of FOLDERS) {
    for (const entry of (await readdir(path.join(checkout, folder))).sort()) {
      const leaflet = readLeaflet(await readFile(path.join(checkout, folder, entry), "utf8"), taken);
      if (leaflet.questions.length > 0) leaflets.push(leaflet);
    }
  }
  const questions = merged(leaflets.flatMap((leaflet) => leaflet.questions));
  return {
    documents: leaflets.map(({ document }) => document),
    questions: drawQuestions(questions, PER_KIND, seed),
  };
};
