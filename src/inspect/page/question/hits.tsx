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
      ["score", score.toPrecision(3)],
    ].map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

const Hit = ({
  api,
  hit,
  rank,
  elsewhere,
}: {
  api: Api;
  hit: HitView;
  rank: number;
  elsewhere: string | null;
}) => {
  const { id, doc, page, type, text, sectionPath, expandedFrom, hitText, citation } = hit;
  const href = hrefOf({ view: "document", doc, page, select: { kind: "split", id } });
  return (
    <li class="hit">
      <a href={href} class="to-page" aria-label={`Hit ${rank} on its page`}>
        <HitSketch api={api} hit={hit} />
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
        {sectionPath.length > 0 && <p class="quiet">{sectionPath.join(" › ")}</p>}
        <p class="hit-text">{text}</p>
        {expandedFrom.length > 0 && (
          <details>
            <summary>
              Expanded from {expandedFrom.length === 1 ? "this hit" : `${expandedFrom.length} hits`}
            </summary>
            <p class="hit-text">{hitText}</p>
          </details>
        )}
        <Places hit={hit} />
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
        {hits.map((hit, index) => (
          <Hit key={hit.id} api={api} hit={hit} rank={index + 1} elsewhere={elsewhereText(hit.id, other)} />
        ))}
      </ol>
    </section>
  );
};
