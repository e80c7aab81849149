import { z } from "zod";
import { parseOptions } from "../../internal/options.js";
import { formatCitations } from "../../retrieval/citations.js";
import { explainSearch, type FoundHit } from "../../retrieval/search.js";
import { EXPANSIONS, SEARCH_MODES } from "../../retrieval/search-choices.js";
import { type ParsedSearchSettings, searchSettingsSchema } from "../../retrieval/search-options.js";
import { searchFilterSchema } from "../../stores/filter.js";
import type { CollectionSpec, SearchHit } from "../../stores/sink.js";
import type { HitView, ListPlace, QuestionAnswer, QuestionRequest } from "../contract.js";
import type { Inspected } from "../options.js";
import { asCode, asCommand } from "./question-copies.js";

const questionSchema: z.ZodType<QuestionRequest> = z.strictObject({
  question: z.string(),
  mode: z.enum(SEARCH_MODES).optional(),
  k: z.number().int().min(1).max(100).optional(),
  rerank: z.enum(["words", "none"]).optional(),
  denseShare: z.number().min(0).max(1).optional(),
  expand: z.array(z.enum(EXPANSIONS)).optional(),
  filter: searchFilterSchema.optional(),
});

type Embeddings = Awaited<ReturnType<Inspected["openEmbeddings"]>>;

const placeIn = (hits: readonly SearchHit[], id: string): ListPlace | null => {
  const at = hits.findIndex((hit) => hit.id === id);
  return at < 0 ? null : { rank: at + 1, score: hits[at]?.score ?? 0 };
};

const documentsOf = (hits: readonly FoundHit[]) =>
  hits.map(({ content: pageContent, metadata }) => ({ pageContent, metadata }));

/** Asks the store, and keeps the model of the collection open for the next question. */
export class Questions {
  readonly #inspected: Inspected;
  #model: { name: string; opened: Promise<Embeddings> } | undefined;

  constructor(inspected: Inspected) {
    this.#inspected = inspected;
  }

  /**
   * Searches, and tells for each hit where it is in the list by vector, in that by words, and in both together.
   *
   * @param input a `QuestionRequest` that was not checked yet
   * @throws UnsiloedError `INVALID_OPTION`, and what the store and the model throw
   */
  async ask(input: unknown): Promise<QuestionAnswer> {
    const request = parseOptions(questionSchema, input, "question");
    const { question, mode, k, rerank, denseShare, expand, filter } = request;
    const notes: string[] = [];
    const settings: ParsedSearchSettings = parseOptions(
      searchSettingsSchema,
      {
        ...{ mode, k, rerank, filter, fusion: { denseShare } },
        ...(expand && expand.length > 0 && { expand }),
        onProblem: ({ message }: Error) => notes.push(message),
      },
      "question",
    );
    const { sink } = this.#inspected;
    const embeddings = mode === "text" ? undefined : await this.#embeddings((await sink.open()).spec);
    const found = await explainSearch({ sink, embeddings }, question, settings, {});
    const { dense, text, fused, hits } = found;
    const citations = formatCitations(documentsOf(hits)).split("\n");
    const all = new Map([...dense, ...text].map((hit) => [hit.id, hit]));
    return {
      mode: found.mode,
      hits: hits.map(
        ({ id, score, content, metadata }, index): HitView => ({
          id,
          doc: metadata.doc_id,
          type: metadata.segment_type,
          page: metadata.page_number,
          boxes: metadata.boxes,
          precision: metadata.bbox_precision,
          text: content,
          score,
          dense: placeIn(dense, id),
          words: placeIn(text, id),
          fused: placeIn(fused, id),
          expandedFrom: metadata.expanded_from ?? [],
          hitText: metadata.expanded_from ? (all.get(id)?.content ?? null) : null,
          sectionPath: metadata.section_path,
          citation: citations[index] ?? "",
        }),
      ),
      compared: { dense: dense.length, words: text.length },
      notes,
      command: asCommand(request, this.#inspected.storeArguments ?? []),
      code: asCode(request),
    };
  }

  async close(): Promise<void> {
    await this.#model?.opened.then(
      (model) => model.close?.(),
      () => undefined,
    );
  }

  async #embeddings(spec: CollectionSpec): Promise<Embeddings> {
    if (this.#model?.name !== spec.model) {
      await this.close();
      this.#model = { name: spec.model, opened: this.#inspected.openEmbeddings(spec) };
    }
    try {
      return await this.#model.opened;
    } catch (thrown) {
      this.#model = undefined;
      throw thrown;
    }
  }
}
