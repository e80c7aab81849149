/** A cell of the source. */
export interface SourceCell {
  text: string;
  /** Whether it is marked as the name of a column, or of its row. */
  isHeader: boolean;
  /** Whether its scope says that it is the name of its row; it is no header then. */
  isRowName?: boolean;
  columnSpan: number;
  /** How many rows it spans; 0 for all that follow in its row group. */
  rowSpan: number;
}

export interface SourceRow {
  cells: SourceCell[];
  inHead: boolean;
  /** The row group (`<thead>`, `<tbody>`, `<tfoot>`) it is in; no cell spans into another. */
  group: number;
}
