import type { SegmentDetails } from "../../../contract.js";
import { Copy, Facts, Json, Part, Text } from "../../shared/parts.js";
import type { OnSelect } from "../../shared/route.js";
import { doubtOf, outcomeText, typeClass } from "../model/look.js";

/** A segment: what the parser found, and what became of it. */
export const SegmentPart = ({ details, onSelect }: { details: SegmentDetails; onSelect: OnSelect }) => {
  const { view, text, sectionPath, words, raw } = details;
  const { index, type, confidence, splits } = view;
  return (
    <>
      <h2 class={typeClass(type)}>
        <span class="swatch" /> Segment {index} <span class="quiet">{type}</span>
      </h2>
      <Facts
        facts={{
          Outcome: outcomeText(view),
          Confidence: confidence === null ? "unknown" : `${Math.round(confidence * 100)} %`,
          Look: doubtOf(view),
          Section: sectionPath.join(" › "),
          "Word boxes": words,
        }}
      />
      <Part name="Text" action={<Copy text={text} />}>
        <Text>{text}</Text>
      </Part>
      {splits.length > 0 && (
        <Part name="Splits with text of it">
          <ul class="chips">
            {splits.map((id, at) => (
              <li key={id}>
                <button type="button" onClick={() => onSelect({ kind: "split", id })}>
                  {at + 1} of {splits.length}
                </button>
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Json name="Raw segment" value={raw} />
    </>
  );
};
