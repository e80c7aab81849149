import { omitUndefined } from "../../internal/objects.js";
import type { NumberRange } from "../../stores/filter.js";
import type { QuestionRequest } from "../contract.js";

/** Quotes an argument for the shells of Unix, where it needs it. */
const quoted = (text: string): string =>
  /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Returns an option with its values; nothing where there is none. */
const option = (
  name: string,
  values: readonly (string | number)[] | string | number | undefined,
): string[] => {
  const list = values === undefined ? [] : [values].flat();
  return list.length === 0 ? [] : [`--${name}`, ...list.map(String)];
};

const rangeText = (range: NumberRange | undefined): string | undefined =>
  range && (range.from === range.to ? String(range.from) : `${range.from}-${range.to}`);

/** Writes a question as the `search` command that asks the same. */
export const asCommand = (request: QuestionRequest, storeArguments: readonly string[]): string => {
  const { question, mode, k, rerank, denseShare, expand, filter = {} } = request;
  const { docIds, segmentTypes, pages, sections, segments, segmentIds, minConfidence, version } = filter;
  const args = [
    ...option("mode", mode),
    ...option("k", k),
    ...option("rerank", rerank),
    ...option("dense-share", denseShare),
    ...option("type", segmentTypes),
    ...option("page", rangeText(pages)),
    ...option("segment", rangeText(segments)),
    ...option("segment-id", segmentIds),
    ...option("section", sections),
    ...option("min-confidence", minConfidence),
    ...option("doc", docIds),
    ...option("doc-version", version),
    ...option("expand", expand),
    ...storeArguments,
  ];
  // After "--" a question may begin with a dash.
  const asked = question.startsWith("-") ? [...args, "--", question] : [question, ...args];
  return ["unsiloed-ingest", "search", ...asked].map(quoted).join(" ");
};

/** Writes a question as the call that asks the same. */
export const asCode = ({ question, denseShare, ...settings }: QuestionRequest): string => {
  const given = omitUndefined({
    ...settings,
    ...(denseShare !== undefined && { fusion: { denseShare } }),
  });
  const options = JSON.stringify(given, undefined, 2).replace(/"([a-z]\w*)":/gi, "$1:");
  return [
    'import { searchSegments } from "unsiloed-ingest/retrieval";',
    "",
    `const hits = await searchSegments({ sink, embeddings }, ${JSON.stringify(question)}, ${options});`,
  ].join("\n");
};
