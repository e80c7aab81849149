import type { SplitDetails } from "../../../contract.js";
import { Copy, Facts, Json, Part, Text } from "../../shared/parts.js";
import type { OnSelect } from "../../shared/route.js";
import { precisionText, rowsText, typeClass } from "../model/look.js";

/** A split: what is embedded of it, what word search sees, and what stands beside it. */
export const SplitPart = ({ details, onSelect }: { details: SplitDetails; onSelect: OnSelect }) => {
  const { view, previous, next, text, embedded, lexical, tokens, location, metadata } = details;
  const { order, type, part, rows, segments } = view;
  const neighbours = [
    { name: "Before", split: previous },
    { name: "After", split: next },
  ];
  return (
    <>
      <h2 class={typeClass(type)}>
        <span class="swatch" /> Split {order} <span class="quiet">{type}</span>
      </h2>
      <Facts
        facts={{
          Tokens: tokens,
          Boxes: precisionText(view),
          Part: part.count > 1 ? `${part.index + 1} of ${part.count}` : null,
          Rows: rowsText(view),
          Header: rows?.header.join(" | "),
          Caption: view.caption,
          Section: metadata.section_path.join(" › "),
          Place: location,
        }}
      />
      <Part name="Text" action={<Copy text={text} />}>
        <Text>{text}</Text>
      </Part>
      <Part name="What is embedded">
        {embedded === text ? <p class="quiet">the text as it is</p> : <Text>{embedded}</Text>}
      </Part>
      <Part name="What word search sees">
        <Text>{lexical}</Text>
      </Part>
      <Part name="Segments">
        <ul class="chips">
          {segments.map((index) => (
            <li key={index}>
              <button type="button" onClick={() => onSelect({ kind: "segment", index })}>
                {index}
              </button>
            </li>
          ))}
        </ul>
      </Part>
      <Part name="Neighbours">
        <ul class="links">
          {neighbours.map(
            ({ name, split }) =>
              split && (
                <li key={name}>
                  <button
                    type="button"
                    class="line"
                    onClick={() => onSelect({ kind: "split", id: split.id }, split.page)}
                  >
                    <span class="type">{name}</span>
                    <span class="text">{split.text}</span>
                  </button>
                </li>
              ),
          )}
        </ul>
      </Part>
      <Json name="Metadata" value={metadata} />
    </>
  );
};
