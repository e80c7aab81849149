/** Dimensions of the page, in pixels. */
export const PAGE = {
  width: 1191,
  height: 1684,
  left: 110,
  right: 1081,
  top: 110,
  bottom: 1590,
  head: 48,
  foot: 1630,
};

const GUTTER = 44;

/** The position of a block, and the lowest line that it may reach. */
export interface Placement {
  page: number;
  left: number;
  top: number;
  bottom: number;
}

/** Allocates space on pages, column after column. */
export class Pages {
  readonly #columns: number;
  #page = 1;
  #column = 0;
  #y = PAGE.top;
  /** Top of the columns of this page, below the blocks of full width. */
  #columnTop = PAGE.top;
  #bottom = PAGE.bottom;
  #isWide = false;

  constructor(columns: number) {
    this.#columns = columns;
  }

  get width(): number {
    const whole = PAGE.right - PAGE.left;
    return this.#isWide ? whole : (whole - GUTTER * (this.#columns - 1)) / this.#columns;
  }

  /** Starts blocks of full width, on the next page if columns have begun on this one. */
  openWide(): void {
    if (this.#isWide || this.#columns === 1) return;
    if (this.#column > 0 || this.#y > this.#columnTop) this.#nextPage();
    this.#isWide = true;
  }

  closeWide(): void {
    if (!this.#isWide) return;
    this.#isWide = false;
    this.#columnTop = this.#y;
  }

  /** Returns space of at least this height, in this column or the next. */
  take(height: number): Placement {
    while (this.#y + height > this.#bottom && this.#y > PAGE.top) this.#nextColumn();
    const left = PAGE.left + (this.#isWide ? 0 : this.#column * (this.width + GUTTER));
    return { page: this.#page, left, top: this.#y, bottom: this.#bottom };
  }

  advance(height: number): void {
    this.#y += height;
  }

  /** Returns space at the bottom of this page, or of the next when this one is full. */
  takeFoot(height: number): Placement {
    if (this.#bottom - height < this.#y) this.#nextPage();
    this.#bottom -= height;
    const left = PAGE.left + this.#column * (this.width + GUTTER);
    return { page: this.#page, left, top: this.#bottom, bottom: this.#bottom + height };
  }

  #nextColumn(): void {
    if (this.#isWide || this.#column + 1 >= this.#columns) {
      this.#nextPage();
      return;
    }
    this.#column += 1;
    this.#y = this.#columnTop;
    this.#bottom = PAGE.bottom;
  }

  #nextPage(): void {
    this.#page += 1;
    this.#column = 0;
    this.#y = PAGE.top;
    this.#columnTop = PAGE.top;
    this.#bottom = PAGE.bottom;
  }
}
