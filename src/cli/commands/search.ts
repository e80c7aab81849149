import { omitUndefined } from "../../internal/objects.js";
import { parseOptions } from "../../internal/options.js";
import { formatLocation } from "../../retrieval/citations.js";
import { findUnknownNames } from "../../retrieval/filter-names.js";
import { checkQuestion, searchSegments } from "../../retrieval/search.js";
import type { Expansion, SearchMode } from "../../retrieval/search-choices.js";
import { type SearchFilter, searchFilterSchema } from "../../stores/filter.js";
import type { SearchHit } from "../../stores/sink.js";
import { chooseForCollection, type EmbeddingsOptions } from "../setup/choose-embeddings.js";
import { chooseStore } from "../setup/choose-store.js";
import { loadEnvironment } from "../setup/environment.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Terminal } from "../terminal/terminal.js";
import { withOptionNames } from "../terminal/wording.js";

export interface SearchCommandOptions extends EmbeddingsOptions {
  k: number;
  mode?: SearchMode;
  denseShare?: number;
  rerank?: "words" | "none";
  type?: string[];
  page?: { from: number; to: number };
  segment?: { from: number; to: number };
  segmentId?: string[];
  section?: string[];
  expand?: Expansion[];
  minConfidence?: number;
  doc?: string[];
  docVersion?: string;
  collection?: string;
  store?: string;
  json?: boolean;
}

const indent = (text: string): string => text.replace(/^/gm, "   ");

/** Formats a hit for people: location, type, confidence, score, text. */
export const formatHit = ({ score, content, metadata }: SearchHit, index: number): string => {
  const confidence = metadata.confidence === null ? "unknown" : metadata.confidence.toFixed(2);
  const where = formatLocation({ pageContent: content, metadata });
  return `${index + 1}. ${where}\n   ${metadata.segment_type}, confidence ${confidence}, score ${score.toFixed(3)}\n${indent(content)}`;
};

/** Runs `unsiloed-ingest search`: prints the stored splits that answer a question. */
export const runSearch = (query: string, options: SearchCommandOptions, out: Terminal): Promise<number> =>
  interruptible(out, async (signal) => {
    checkQuestion(query);
    const environment = loadEnvironment();
    const filter: SearchFilter = parseOptions(
      searchFilterSchema,
      omitUndefined({
        docIds: options.doc,
        segmentTypes: options.type,
        pages: options.page,
        segments: options.segment,
        segmentIds: options.segmentId,
        sections: options.section,
        minConfidence: options.minConfidence,
        version: options.docVersion,
      }),
      "search",
    );
    const sink = await chooseStore({ ...options, readOnly: true }, environment);
    try {
      const { spec } = await sink.open({ signal });
      const embeddings =
        options.mode === "text" ? undefined : await chooseForCollection(options, spec, environment);
      out.say(`store: ${sink.description}`);
      out.say(`embeddings: ${embeddings?.modelName ?? "not needed"}`);
      try {
        const { k, mode, denseShare, rerank, expand } = options;
        const fusion = { denseShare };
        for (const { message } of await findUnknownNames(sink, filter, { signal }))
          out.say(withOptionNames(message));
        const onProblem = (): void => {};
        const settings = { k, mode, filter, fusion, rerank, expand, onProblem };
        const hits = await searchSegments({ sink, embeddings }, query, { ...settings, signal });
        if (options.json) {
          out.json({
            hits: hits.map(({ id, score, content, metadata }) => ({ id, score, text: content, metadata })),
          });
        } else {
          out.print(hits.length > 0 ? hits.map(formatHit).join("\n\n") : "nothing found");
        }
      } finally {
        await embeddings?.close?.();
      }
    } finally {
      await sink.close();
    }
    return EXIT.ok;
  });
