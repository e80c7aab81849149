import { useEffect, useRef } from "preact/hooks";
import type { PageView } from "../../../contract.js";
import type { Selection } from "../../shared/route.js";
import { doubtOf, outcomeText, precisionText, rowsText, typeClass } from "../model/look.js";
import { pageName } from "../model/page-size.js";
import type { ListedKind } from "../model/view-state.js";

/** One line of the list: a segment or a split. */
interface Line {
  selection: Selection;
  name: string;
  type: string;
  notes: string[];
  text: string;
}

const linesOf = (page: PageView, kind: ListedKind, hits: readonly string[]): Line[] =>
  kind === "segment"
    ? page.segmentViews.map((segment) => {
        const doubt = doubtOf(segment);
        return {
          selection: { kind, index: segment.index },
          name: String(segment.index),
          type: segment.type,
          notes: [
            ...(segment.outcome.kind === "stored" ? [] : [outcomeText(segment)]),
            ...(doubt ? [doubt] : []),
          ],
          text: segment.text,
        };
      })
    : page.splitViews.map((split) => {
        const rows = rowsText(split);
        return {
          selection: { kind, id: split.id },
          name: String(split.order),
          type: split.type,
          notes: [
            ...(hits.includes(split.id) ? ["hit"] : []),
            ...(rows ? [rows] : []),
            ...(split.precision === "word" ? [] : [precisionText(split)]),
          ],
          text: split.text,
        };
      });

export const isSame = (one: Selection | undefined, other: Selection | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const KINDS: readonly { kind: ListedKind; name: string }[] = [
  { kind: "split", name: "Splits" },
  { kind: "segment", name: "Segments" },
];

/** The texts of a page in reading order. Choosing one shows its box, and choosing a box shows its text here. */
export const TextList = ({
  page,
  kind,
  selection,
  hits,
  onKind,
  onSelect,
}: {
  page: PageView;
  kind: ListedKind;
  selection: Selection | undefined;
  /** Splits that a question found. */
  hits: readonly string[];
  onKind: (kind: ListedKind) => void;
  onSelect: (selection: Selection) => void;
}) => {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest" });
  }, [JSON.stringify(selection), page, kind]);
  const lines = linesOf(page, kind, hits);
  return (
    <section class="texts" aria-label={`Texts of ${pageName(page.number)}`}>
      <div class="tabs">
        <h2>{pageName(page.number)}</h2>
        {KINDS.map((each) => (
          <button
            type="button"
            key={each.kind}
            class="tab"
            aria-pressed={each.kind === kind}
            onClick={() => onKind(each.kind)}
          >
            {each.name} <span class="count">{each.kind === "split" ? page.splits : page.segments}</span>
          </button>
        ))}
      </div>
      {lines.length === 0 && <p class="quiet">None on this page.</p>}
      <ol ref={list}>
        {lines.map(({ selection: own, name, type, notes, text }) => (
          <li key={name}>
            <button
              type="button"
              class={`line ${typeClass(type)}`}
              aria-pressed={isSame(own, selection)}
              onClick={() => onSelect(own)}
            >
              <span class="number">{name}</span>
              <span class="type">{type}</span>
              {notes.map((note) => (
                <span class="mark" key={note}>
                  {note}
                </span>
              ))}
              <span class="text">{text === "" ? "(no text)" : text}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
};
