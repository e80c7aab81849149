import type { HitView, ListPlace, QuestionAnswer } from "../../contract.js";
import type { Api } from "../shared/api.js";
import { Copy } from "../shared/parts.js";
import { hrefOf } from "../shared/route.js";
import { HitSketch } from "./hit-sketch.js";

const placeText = (place: ListPlace | null): string =>
  place === null ? "–" : `${place.rank} (${place.score.toPrecision(3)})`;

/** Where a hit stands in each list. */
const Places = ({ hit: { dense, words, fused, score } }: { hit: HitView }) => (
  <dl class="places">
    {[
      ["by vector", placeText(dense)],
      ["by words", placeText(words)],
      ["both", placeText(fused)],
      ["final score", score.toPrecision(3)],
    ].map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

/** The text that was found, marked within what it was expanded to. */
const HitText = ({ hit: { text, hitText, expandedFrom } }: { hit: HitView }) => {
  if (hitText === null) return <p class="hit-text">{text}</p>;
  const at = text.indexOf(hitText);
  const from = expandedFrom.length === 1 ? "this hit" : `${expandedFrom.length} hits, the best`;
  return (
    <>
      <p class="quiet">
        Expanded from {from}
        {at >= 0 && " (marked)"}
      </p>
      {at < 0 && <p class="hit-text found">{hitText}</p>}
      <p class="hit-text">
        {at < 0 ? text : text.slice(0, at)}
        {at >= 0 && (
          <>
            <mark>{hitText}</mark>
            {text.slice(at + hitText.length)}
          </>
        )}
      </p>
    </>
  );
};

/** Ids of the splits of a document that were found, the best first. */
const hitsIn = (doc: string, hits: readonly HitView[]): string[] => [
  ...new Set(hits.flatMap((hit) => (hit.doc === doc ? [hit.id, ...hit.expandedFrom] : []))),
];

const Hit = ({
  api,
  hits,
  hit,
  elsewhere,
}: {
  api: Api;
  hits: readonly HitView[];
  hit: HitView;
  elsewhere: string | null;
}) => {
  const { id, doc, page, type, sectionPath, citation } = hit;
  const rank = hits.indexOf(hit) + 1;
  const select = { kind: "split", id } as const;
  const href = hrefOf({ view: "document", doc, page, select, hits: hitsIn(doc, hits) });
  return (
    <li class="hit">
      <a href={href} class="to-page" aria-label={`Hit ${rank} on its page`}>
        <HitSketch api={api} hit={hit} others={hits.filter((other) => other !== hit && other.doc === doc)} />
      </a>
      <div>
        <h3>
          <span class="rank">{rank}</span>
          <a href={href}>
            {doc}, page {page}
          </a>
          <span class="quiet">{type}</span>
          {elsewhere && <span class="elsewhere">{elsewhere}</span>}
          <Copy text={citation} name="Copy citation" />
        </h3>
        <Places hit={hit} />
        {sectionPath.length > 0 && <p class="quiet">{sectionPath.join(" › ")}</p>}
        <HitText hit={hit} />
      </div>
    </li>
  );
};

/** Where a hit stands in the other answer; `null` without one. */
const elsewhereText = (id: string, other: QuestionAnswer | undefined): string | null => {
  if (!other) return null;
  const rank = other.hits.findIndex((hit) => hit.id === id) + 1;
  return rank > 0 ? `${other.mode}: ${rank}` : `only here`;
};

/** The hits of a question in one mode, and the question to take away. */
export const Hits = ({
  api,
  answer,
  other,
}: {
  api: Api;
  answer: QuestionAnswer;
  other: QuestionAnswer | undefined;
}) => {
  const { mode, hits, compared, notes, command, code } = answer;
  return (
    <section class="hits" aria-label={`Hits, ${mode}`}>
      <header>
        <h2>{mode}</h2>
        <span class="quiet">
          {hits.length} hits; {compared.dense} compared by vector, {compared.words} by words
        </span>
        <Copy text={command} name="Copy command" />
        <Copy text={code} name="Copy code" />
      </header>
      {notes.map((note) => (
        <p class="note" key={note}>
          {note}
        </p>
      ))}
      {hits.length === 0 && notes.length === 0 && <p class="quiet">Nothing was found.</p>}
      <ol>
        {hits.map((hit) => (
          <Hit key={hit.id} api={api} hits={hits} hit={hit} elsewhere={elsewhereText(hit.id, other)} />
        ))}
      </ol>
    </section>
  );
};
