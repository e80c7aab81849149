import { useEffect, useRef } from "preact/hooks";

/** Shows more rows once it comes into view, or when it is pressed. */
export const MoreRows = ({ left, onMore }: { left: number; onMore: () => void }) => {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      onMore();
    });
    if (button.current) observer.observe(button.current);
    return () => observer.disconnect();
  }, []);
  return (
    <button type="button" class="more" ref={button} onClick={onMore}>
      Show more ({left} left)
    </button>
  );
};
