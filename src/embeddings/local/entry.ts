import type { ModelEntry } from "../model-entry.js";

/**
 * Names that collections record for the bundled model: that of each version, and that of the model before. Only the
 * present one can be opened; the others are recognised so that the user learns what to do.
 */
const RECORDED = /^(?:unsiloed-static-\d+-\d+|use-lite)$/;

export const localEntry: ModelEntry = {
  name: "local",
  isFree: true,
  recognizes: (modelName) => RECORDED.test(modelName),
  open: async () => {
    const { StaticEmbeddings } = await import("./static-embeddings.js");
    return new StaticEmbeddings();
  },
};
