import type { ComponentChildren } from "preact";
import type { SegmentDetails, SplitDetails } from "../../contract.js";
import type { Api } from "../shared/api.js";
import type { Selection } from "../shared/route.js";
import { useAnswer } from "../shared/use-answer.js";

const Part = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <section class="part">
    <h3>{name}</h3>
    {children}
  </section>
);

const Text = ({ children }: { children: string }) => <pre class="text">{children}</pre>;

const Json = ({ name, value }: { name: string; value: unknown }) => (
  <details>
    <summary>{name}</summary>
    <pre class="json">{JSON.stringify(value, undefined, 2)}</pre>
  </details>
);

const outcomeText = ({ view }: SegmentDetails): string => {
  if (view.outcome.kind === "stored") return "stored";
  return view.outcome.kind === "left_out" ? `left out: ${view.outcome.reason}` : "not stored";
};

type OnSelect = (selection: Selection, page?: number) => void;

const SegmentPart = ({ details, onSelect }: { details: SegmentDetails; onSelect: OnSelect }) => (
  <>
    <h2>
      Segment {details.view.index}: {details.view.type}
    </h2>
    <p class="facts">
      {outcomeText(details)}
      {details.view.flag && `, flagged: ${details.view.flag}`}, confidence{" "}
      {details.view.confidence ?? "unknown"}, {details.words} words
    </p>
    {details.sectionPath.length > 0 && <p class="path">{details.sectionPath.join(" › ")}</p>}
    <Part name="Text">
      <Text>{details.text}</Text>
    </Part>
    <Part name="Splits">
      <ul class="links">
        {details.view.splits.map((id, index) => (
          <li key={id}>
            <button type="button" onClick={() => onSelect({ kind: "split", id })}>
              Split {index + 1}
            </button>
          </li>
        ))}
      </ul>
    </Part>
    <Json name="Raw segment" value={details.raw} />
  </>
);

const SplitPart = ({ details, onSelect }: { details: SplitDetails; onSelect: OnSelect }) => {
  const { view, previous, next } = details;
  return (
    <>
      <h2>
        Split {view.order}: {view.type}
      </h2>
      <p class="facts">
        {details.tokens} tokens, {view.precision === "word" ? "exact" : "approximate"} boxes, part{" "}
        {view.part.index + 1} of {view.part.count}
        {view.rows && `, rows ${view.rows.from + 1} to ${view.rows.to + 1}`}
      </p>
      <p class="path">{details.location}</p>
      <Part name="Text">
        <Text>{details.text}</Text>
      </Part>
      <Part name="What is embedded">
        <Text>{details.embedded}</Text>
      </Part>
      <Part name="What word search sees">
        <Text>{details.lexical}</Text>
      </Part>
      <Part name="Segments">
        <ul class="links">
          {view.segments.map((index) => (
            <li key={index}>
              <button type="button" onClick={() => onSelect({ kind: "segment", index })}>
                Segment {index}
              </button>
            </li>
          ))}
        </ul>
      </Part>
      <Part name="Neighbours">
        <ul class="links">
          {[previous, next].map(
            (neighbour, index) =>
              neighbour && (
                <li key={neighbour.id}>
                  <button
                    type="button"
                    onClick={() => onSelect({ kind: "split", id: neighbour.id }, neighbour.page)}
                  >
                    {index === 0 ? "Before" : "After"}: {neighbour.text}
                  </button>
                </li>
              ),
          )}
        </ul>
      </Part>
      <Json name="Metadata" value={details.metadata} />
    </>
  );
};

/** What is selected: its text, what is made of it, and what stands beside it. */
export const Details = ({
  api,
  doc,
  selection,
  onSelect,
}: {
  api: Api;
  doc: string;
  selection: Selection | undefined;
  onSelect: OnSelect;
}) => {
  const segment = useAnswer(
    (signal) => api.segment(doc, selection?.kind === "segment" ? selection.index : 0, signal),
    selection?.kind === "segment" ? `${doc} ${selection.index}` : undefined,
  );
  const split = useAnswer(
    (signal) => api.split(doc, selection?.kind === "split" ? selection.id : "", signal),
    selection?.kind === "split" ? `${doc} ${selection.id}` : undefined,
  );
  const problem = segment.problem ?? split.problem;
  return (
    <aside class="details" aria-label="Selection" aria-live="polite">
      {!selection && <p class="quiet">Click a box, or move to one with Tab and press Enter.</p>}
      {problem && <p role="alert">{problem}</p>}
      {segment.value && <SegmentPart details={segment.value} onSelect={onSelect} />}
      {split.value && <SplitPart details={split.value} onSelect={onSelect} />}
    </aside>
  );
};
