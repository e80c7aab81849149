import { hrefOf, type RouteOf } from "../shared/route.js";

/** Leads through a list that is shown in parts. Links, so that going back works, and keyboards reach them. */
export const Pager = ({
  route,
  page,
  last,
}: {
  route: RouteOf<"documents">;
  /** The part that is shown, from 1. */
  page: number;
  last: number;
}) => (
  <nav class="pager" aria-label="Parts of the list">
    {(
      [
        ["First", 1],
        ["Previous", page - 1],
        ["Next", page + 1],
        ["Last", last],
      ] as const
    ).map(([name, to]) =>
      to < 1 || to > last || to === page ? (
        <span key={name} aria-hidden="true">
          {name}
        </span>
      ) : (
        <a key={name} href={hrefOf({ ...route, page: to })}>
          {name}
        </a>
      ),
    )}
  </nav>
);
