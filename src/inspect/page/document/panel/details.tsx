import type { Api } from "../../shared/api.js";
import type { OnSelect, Selection } from "../../shared/route.js";
import { useAnswer } from "../../shared/use-answer.js";
import { SegmentPart } from "./segment-part.js";
import { SplitPart } from "./split-part.js";

/** What is selected: its text, what is made of it, and what stands beside it. */
export const Details = ({
  api,
  doc,
  updatedAt,
  selection,
  onSelect,
}: {
  api: Api;
  doc: string;
  /** When the document changed last: then it is read again. */
  updatedAt: string | null;
  selection: Selection | undefined;
  onSelect: OnSelect;
}) => {
  const segment = useAnswer(
    (signal) => api.segment(doc, selection?.kind === "segment" ? selection.index : 0, signal),
    selection?.kind === "segment" ? `${doc} ${updatedAt} ${selection.index}` : undefined,
  );
  const split = useAnswer(
    (signal) => api.split(doc, selection?.kind === "split" ? selection.id : "", signal),
    selection?.kind === "split" ? `${doc} ${updatedAt} ${selection.id}` : undefined,
  );
  const problem = segment.problem ?? split.problem;
  return (
    <section class="details" aria-label="Details" aria-live="polite">
      {!selection && <p class="quiet">Choose a box on the page or a text in the list. Keys: ? shows them.</p>}
      {problem && <p role="alert">{problem}</p>}
      {segment.value && <SegmentPart details={segment.value} onSelect={onSelect} />}
      {split.value && <SplitPart details={split.value} onSelect={onSelect} />}
    </section>
  );
};
