import { useEffect, useRef } from "preact/hooks";
import type { PageRow } from "../../../contract.js";
import { heightOf, itemsWithin, layOut } from "../../shared/strip.js";
import { useScrollView } from "../../shared/use-scroll-view.js";
import type { PageReader } from "../model/page-reader.js";
import { pageName, sizeOf } from "../model/page-size.js";
import type { Paper } from "../sheet/backdrop.js";
import { Thumbnail } from "./thumbnail.js";

/** Pixels of the screen. */
const WIDTH = 104;
const CAPTION = 44;
const GAP = 8;

const countsOf = ({ segments, splits, marked }: PageRow): string =>
  `${segments} segments, ${splits} splits${marked > 0 ? `, ${marked} marked` : ""}`;

/** The pages of a document and what is on each; only thumbnails near the view are drawn. */
export const PageList = ({
  pages,
  paper,
  reader,
  current,
  onOpen,
}: {
  pages: readonly PageRow[];
  paper: Paper;
  reader: PageReader;
  current: number | undefined;
  onOpen: (page: number) => void;
}) => {
  const host = useRef<HTMLElement>(null);
  const view = useScrollView(host);
  const strip = layOut(
    pages.map((row) => (WIDTH * sizeOf(row).height) / sizeOf(row).width + CAPTION),
    GAP,
  );
  useEffect(() => {
    const scrolled = host.current;
    const index = pages.findIndex(({ number }) => number === current);
    if (!scrolled || index < 0) return;
    const top = (strip.tops[index] ?? 0) - GAP;
    const bottom = (strip.tops[index + 1] ?? 0) - scrolled.clientHeight;
    if (scrolled.scrollTop > top) scrolled.scrollTop = top;
    else if (scrolled.scrollTop < bottom) scrolled.scrollTop = bottom;
  }, [current, pages, view.height > 0]);
  return (
    <nav class="pages" aria-label="Pages" ref={host}>
      <ol style={{ height: `${heightOf(strip)}px` }}>
        {itemsWithin(strip, view.top - view.height, view.top + 2 * view.height).map((index) => {
          const row = pages[index];
          if (!row) return null;
          const { number, marked, splits } = row;
          return (
            <li
              key={number}
              style={{ top: `${strip.tops[index] ?? 0}px` }}
              aria-setsize={pages.length}
              aria-posinset={index + 1}
            >
              <button
                type="button"
                aria-current={number === current ? "page" : undefined}
                title={countsOf(row)}
                onClick={() => onOpen(number)}
              >
                <Thumbnail row={row} paper={paper} reader={reader} width={WIDTH} />
                <span class="name">{pageName(number)}</span>
                <small>
                  {splits} splits{marked > 0 && <span class="marked"> ⚠ {marked}</span>}
                </small>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
};
