import { useEffect, useRef } from "preact/hooks";
import type { PageRow } from "../../../contract.js";
import type { Selection } from "../../shared/route.js";
import { type PageReader, usePage } from "../model/page-reader.js";
import { pageName, sizeOf } from "../model/page-size.js";
import type { Layers } from "../model/view-state.js";
import { Overlay } from "../overlay/overlay.js";
import { Backdrop, isDrawnFromWords, type Paper } from "./backdrop.js";

export interface SheetProps {
  reader: PageReader;
  paper: Paper;
  layers: Layers;
  selection: Selection | undefined;
  /** Splits that a question found, the best first. */
  hits: readonly string[];
  onSelect: (selection: Selection, page: number) => void;
}

/** One page: the paper, and the boxes over it. */
export const PageSheet = ({
  row,
  scale,
  reader,
  paper,
  layers,
  selection,
  hits,
  onSelect,
}: SheetProps & { row: PageRow; scale: number }) => {
  const { number } = row;
  const { value: page, problem } = usePage(reader, number);
  const host = useRef<HTMLElement>(null);
  const selected = JSON.stringify(selection);
  useEffect(() => {
    if (selection && page)
      host.current
        ?.querySelector("[aria-pressed=true]")
        ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [selected, page]);
  const { width } = sizeOf(row);
  return (
    <section class="sheet" ref={host} aria-label={pageName(number)}>
      <Backdrop paper={paper} number={number} width={width * scale} />
      {problem && <p role="alert">{problem}</p>}
      {page && (
        <Overlay
          page={page}
          layers={layers}
          showsWords={layers.words || isDrawnFromWords(paper, number)}
          scale={scale}
          selection={selection}
          hits={hits}
          onSelect={(to) => onSelect(to, number)}
        />
      )}
    </section>
  );
};
