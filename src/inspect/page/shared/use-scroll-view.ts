import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** What is seen of an element that scrolls, in pixels. */
export interface ScrollView {
  top: number;
  width: number;
  height: number;
}

/** Follows what is seen of an element that scrolls: once per frame at most. */
export const useScrollView = (element: RefObject<HTMLElement | null>): ScrollView => {
  const [view, setView] = useState<ScrollView>({ top: 0, width: 0, height: 0 });
  useEffect(() => {
    const scrolled = element.current;
    if (!scrolled) return;
    let frame = 0;
    const read = () => {
      frame = 0;
      setView({ top: scrolled.scrollTop, width: scrolled.clientWidth, height: scrolled.clientHeight });
    };
    const onChange = () => {
      frame ||= requestAnimationFrame(read);
    };
    read();
    const observer = new ResizeObserver(onChange);
    observer.observe(scrolled);
    scrolled.addEventListener("scroll", onChange, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      scrolled.removeEventListener("scroll", onChange);
    };
  }, [element]);
  return view;
};
