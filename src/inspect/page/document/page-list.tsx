import type { PageRow } from "../../contract.js";

/** The pages of a document, and what is on each. */
export const PageList = ({
  pages,
  current,
  onOpen,
}: {
  pages: readonly PageRow[];
  current: number | undefined;
  onOpen: (page: number) => void;
}) => (
  <nav class="pages" aria-label="Pages">
    <ol>
      {pages.map(({ number, segments, splits, marked }) => (
        <li key={number}>
          <button
            type="button"
            aria-current={number === current ? "page" : undefined}
            onClick={() => onOpen(number)}
          >
            <span>{number === 0 ? "page unknown" : `Page ${number}`}</span>
            <small>
              {segments} segments, {splits} splits{marked > 0 && `, ${marked} marked`}
            </small>
          </button>
        </li>
      ))}
    </ol>
  </nav>
);
