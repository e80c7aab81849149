import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { PageRow } from "../../../contract.js";
import { heightAt, heightOf, itemAt, itemsWithin, layOut, placeAt } from "../../shared/strip.js";
import { useScrollView } from "../../shared/use-scroll-view.js";
import { sizeOf } from "../model/page-size.js";
import { PageSheet, type SheetProps } from "./page-sheet.js";

/** Space around pages, in pixels of the screen. */
const GAP = 16;

/** How long scrolling rests before the address says which page is seen. */
const REST_MS = 120;

/** The page that is looked at is the one at this share of the height of the view. */
const LOOKED_AT = 0.3;

export interface SheetsProps extends SheetProps {
  pages: readonly PageRow[];
  zoom: number | "fit";
  /** The page that the address names. */
  current: number;
  /** Another page is seen. */
  onSee: (page: number) => void;
  /** How large pages are drawn now. */
  onScale: (scale: number) => void;
  onZoom: (to: number) => void;
}

/** All pages of a document, one below the other; only those near the view are drawn. */
export const Sheets = ({ pages, zoom, current, onSee, onScale, onZoom, ...sheet }: SheetsProps) => {
  const host = useRef<HTMLElement>(null);
  const view = useScrollView(host);
  const widest = Math.max(...pages.map((row) => sizeOf(row).width), 1);
  const scale = zoom === "fit" ? Math.max(0.05, (view.width - 2 * GAP) / widest) : zoom;
  const strip = layOut(
    pages.map((row) => sizeOf(row).height * scale),
    GAP,
  );
  const width = Math.max(view.width, widest * scale + 2 * GAP);

  // What is under the pointer, or else at the height that is looked at, stays where it is when pages are zoomed.
  const before = useRef({ strip, scale, width });
  const pointer = useRef<{ x: number; y: number } | undefined>(undefined);
  const isScrolledHere = useRef(-1);
  useLayoutEffect(() => {
    const { scale: oldScale, strip: oldStrip, width: oldWidth } = before.current;
    before.current = { strip, scale, width };
    const scrolled = host.current;
    if (!scrolled || oldScale === scale) return;
    const { x, y } = pointer.current ?? { x: view.width / 2, y: view.height * LOOKED_AT };
    pointer.current = undefined;
    scrolled.scrollTop = heightAt(strip, placeAt(oldStrip, scrolled.scrollTop + y)) - y;
    scrolled.scrollLeft = ((scrolled.scrollLeft + x) / oldWidth) * width - x;
    isScrolledHere.current = scrolled.scrollTop;
  }, [scale]);
  useEffect(() => onScale(scale), [scale]);

  // The address leads the view, and the view the address, but neither answers the other.
  const seen = useRef<number | undefined>(undefined);
  const isReady = view.width > 0;
  useLayoutEffect(() => {
    const scrolled = host.current;
    const index = pages.findIndex(({ number }) => number === current);
    if (!scrolled || !isReady || index < 0 || seen.current === current) return;
    seen.current = current;
    scrolled.scrollTop = (strip.tops[index] ?? 0) - GAP;
    isScrolledHere.current = scrolled.scrollTop;
  }, [current, isReady, pages]);
  useEffect(() => {
    if (!isReady || Math.abs(isScrolledHere.current - view.top) < 2) return;
    const timer = setTimeout(() => {
      const number = pages[itemAt(strip, view.top + view.height * LOOKED_AT)]?.number;
      if (number === undefined || number === seen.current) return;
      seen.current = number;
      onSee(number);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [view.top]);

  useEffect(() => {
    const scrolled = host.current;
    if (!scrolled) return;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const { left, top } = scrolled.getBoundingClientRect();
      pointer.current = { x: event.clientX - left, y: event.clientY - top };
      onZoom(before.current.scale * Math.exp(-event.deltaY / 300));
    };
    scrolled.addEventListener("wheel", onWheel, { passive: false });
    return () => scrolled.removeEventListener("wheel", onWheel);
  }, [onZoom]);

  const near = isReady ? itemsWithin(strip, view.top - view.height / 2, view.top + 1.5 * view.height) : [];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard.
    <section class="sheets" ref={host} tabIndex={0} aria-label="Pages of the document">
      <div class="strip" style={{ height: `${heightOf(strip)}px`, width: `${width}px` }}>
        {near.map((index) => {
          const row = pages[index];
          if (!row) return null;
          const size = sizeOf(row);
          const place = {
            top: `${strip.tops[index] ?? 0}px`,
            left: `${(width - size.width * scale) / 2}px`,
            width: `${size.width * scale}px`,
            height: `${size.height * scale}px`,
          };
          return (
            <div class="place" key={row.number} style={place}>
              <PageSheet row={row} scale={scale} {...sheet} />
            </div>
          );
        })}
      </div>
    </section>
  );
};
