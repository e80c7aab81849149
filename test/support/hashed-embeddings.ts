import { Embeddings } from "@langchain/core/embeddings";
import { hashedVector } from "./hashed-vectors.js";

/** LangChain embeddings that need no model: texts that share words are near. Records the texts. */
export class HashedEmbeddings extends Embeddings {
  readonly model: string;
  readonly dimensions: number;
  /** Every text that was embedded as a document. */
  readonly embedded: string[] = [];
  /** Called before each batch; throw to fail it. */
  onBatch: (texts: readonly string[]) => void | Promise<void> = () => undefined;

  constructor(model = "hashed", dimensions = 32) {
    super({});
    this.model = model;
    this.dimensions = dimensions;
  }

  override async embedDocuments(texts: string[]): Promise<number[][]> {
    await this.onBatch(texts);
    this.embedded.push(...texts);
    return texts.map((text) => [...hashedVector(text, this.dimensions)]);
  }

  override async embedQuery(text: string): Promise<number[]> {
    return [...hashedVector(text, this.dimensions)];
  }
}
