import { useEffect, useRef } from "preact/hooks";

const KEYS: readonly [string, string][] = [
  ["j  k", "next and previous box"],
  ["←  →", "previous and next page"],
  ["+  -  0", "zoom in, out, fit the width"],
  ["Ctrl wheel", "zoom at the pointer"],
  ["s  p  r  c  o  w", "segments, splits, rows, captions, order, words"],
  ["Esc", "select nothing"],
  ["?", "these keys"],
];

/** Lists the keys. */
export const Help = ({ onClose }: { onClose: () => void }) => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="keys">
      <h2 id="keys">Keys</h2>
      <dl>
        {KEYS.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
};
