import type { PageRow } from "../../../contract.js";

/** A4 at 144 dots per inch, for pages whose size is not known. */
const DEFAULT_SIZE = { width: 1190, height: 1684 };

export interface Size {
  width: number;
  height: number;
}

/** Returns the size of a page in pixels of its boxes. */
export const sizeOf = ({ width, height }: Pick<PageRow, "width" | "height">): Size => ({
  width: width || DEFAULT_SIZE.width,
  height: height || DEFAULT_SIZE.height,
});

export const pageName = (number: number): string => (number === 0 ? "page unknown" : `Page ${number}`);
