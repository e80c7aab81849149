import type { StoredSplit } from "../../retrieval/expand/split-reader.js";
import type { InspectedSegment } from "./segments.js";

/** A caption and what it describes, by the index of their segments. */
export interface CaptionLink {
  caption: number;
  describes: number;
}

/**
 * Lists the captions that the splitter joined to tables and pictures. Splits name the other side by the id that the
 * service gave it, which only segments of the same parse know.
 */
export const captionLinks = (
  segments: readonly InspectedSegment[],
  splits: readonly StoredSplit[],
): CaptionLink[] => {
  const indices = new Map(
    segments.flatMap(({ document }, index) => {
      const { segment_id } = document.metadata;
      return segment_id === null ? [] : [[segment_id, index] as const];
    }),
  );
  const links = new Map<number, CaptionLink>();
  for (const { metadata } of splits) {
    const { segment_index: own, caption_of, caption_id } = metadata;
    const described = caption_of === undefined ? undefined : indices.get(caption_of);
    const caption = caption_id === undefined ? undefined : indices.get(caption_id);
    if (described !== undefined) links.set(own, { caption: own, describes: described });
    if (caption !== undefined) links.set(caption, { caption, describes: own });
  }
  return [...links.values()];
};
