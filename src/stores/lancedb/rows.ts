import type { Data, DataType, Field, RecordBatch, Schema, Table } from "apache-arrow";
import { propertyOf } from "../../internal/objects.js";
import { searchText } from "../../internal/text/search-text.js";
import { wellFormedJson } from "../../internal/text/well-formed.js";
import type { CollectionSpec, Point, PointContent, PointMetadata, StoredPoint } from "../sink.js";
import type { Arrow } from "./packages.js";

/** Version of the layout of the table. */
const FORMAT = "2";
const FORMAT_KEY = "unsiloed.format";
const MODEL_KEY = "unsiloed.model";

/** Causes a conflict when two writers insert the same id at the same time; without it both would insert it. */
const PRIMARY_KEY = new Map([["lance-schema:unenforced-primary-key", "true"]]);

const MAX_INTEGER = 2 ** 31 - 1;
/** First and last number of an empty list. */
const NONE = -1;

/** A column of a table, and the values of its rows. */
interface Column {
  field: Field;
  valuesOf: (rows: readonly Row[]) => Data | undefined;
}

/**
 * Lists the columns of a table. Fields used by filters have columns of their own; `metadata` has everything as JSON.
 * The vectors become one array of floats, without an object for each.
 */
const columnsOf = (arrow: Arrow, dimensions: number): Column[] => {
  const { Field, FixedSizeList, Float32, Float64, Int32, List, Utf8 } = arrow;
  const column = (field: Field, pick: (row: Row) => unknown): Column => ({
    field,
    valuesOf: (rows) => arrow.vectorFromArray(rows.map(pick), field.type).data[0],
  });
  const text = (name: string, pick: (row: Row) => string | null, nullable = false) =>
    column(new Field(name, new Utf8(), nullable), pick);
  const list = (name: string, of: DataType, pick: (row: Row) => readonly (string | number)[]) =>
    column(new Field(name, new List(new Field("item", of, true)), false), pick);
  const numbers = (name: string, pick: (point: Point) => readonly number[]) => [
    column(new Field(`${name}_first`, new Int32(), false), ({ point }) => pick(point)[0] ?? NONE),
    column(new Field(`${name}_last`, new Int32(), false), ({ point }) => pick(point).at(-1) ?? NONE),
    list(`${name}s`, new Int32(), ({ point }) => pick(point)),
  ];
  const vectors = new FixedSizeList(dimensions, new Field("item", new Float32(), true));
  return [
    column(new Field("id", new Utf8(), false, PRIMARY_KEY), ({ point }) => point.id),
    {
      field: new Field("vector", vectors, false),
      valuesOf: (rows) => {
        const data = new Float32Array(rows.length * dimensions);
        for (const [index, { point }] of rows.entries()) data.set(point.vector, index * dimensions);
        const child = arrow.makeData({ type: new Float32(), length: data.length, nullCount: 0, data });
        return arrow.makeData({ type: vectors, length: rows.length, nullCount: 0, child });
      },
    },
    text("content", ({ point }) => point.content),
    text("lexical", ({ point }) => point.lexical),
    text("doc_id", ({ point }) => point.metadata.doc_id),
    text("version", ({ point }) => point.metadata.version),
    text("segment_type", ({ point }) => point.metadata.segment_type),
    text("segment_id", ({ point }) => point.metadata.segment_id, true),
    ...numbers("segment", ({ metadata }) => ascending(metadata.segment_indices)),
    list("section_path", new Utf8(), ({ point }) => point.metadata.section_path),
    ...numbers("page", pagesOf),
    column(new Field("confidence", new Float64(), true), ({ point }) => point.metadata.confidence),
    text("metadata", ({ metadata }) => metadata),
  ];
};

/** Makes the schema of a table. It has the name of the model, so that the name exists as soon as the table does. */
export const tableSchema = (arrow: Arrow, { dimensions, model }: CollectionSpec): Schema =>
  new arrow.Schema(
    columnsOf(arrow, dimensions).map(({ field }) => field),
    new Map([
      [FORMAT_KEY, FORMAT],
      [MODEL_KEY, model],
    ]),
  );

/** Reads what a table was created for; `undefined` when another program or a later version of this package created it. */
export const readSpec = ({ fields, metadata }: Schema): CollectionSpec | undefined => {
  const model = metadata.get(MODEL_KEY);
  const dimensions = propertyOf(fields.find(({ name }) => name === "vector")?.type, "listSize");
  if (metadata.get(FORMAT_KEY) !== FORMAT || model === undefined) return undefined;
  return typeof dimensions === "number" ? { dimensions, model } : undefined;
};

/** A point with its metadata as JSON. */
export interface Row {
  point: Point;
  metadata: string;
  /** Approximate size in bytes. */
  bytes: number;
}

export const toRow = (point: Point): Row => {
  const metadata = wellFormedJson(JSON.stringify(point.metadata));
  const { vector, content } = point;
  const lexical = searchText(point.lexical);
  return {
    point: { ...point, lexical },
    metadata,
    bytes: 4 * vector.length + content.length + lexical.length + metadata.length,
  };
};

/** Sorts numbers, without duplicates and none too large for a column. */
const ascending = (numbers: readonly number[]): number[] =>
  [...new Set(numbers)].map((number) => Math.min(number, MAX_INTEGER)).sort((a, b) => a - b);

/** Returns all pages of a split. */
const pagesOf = ({ metadata: { page_number, boxes } }: Point): number[] =>
  ascending([page_number, ...boxes.map((box) => box.page_number)]);

/** Converts rows into an Arrow table. */
export const toArrowTable = (
  arrow: Arrow,
  schema: Schema,
  rows: readonly Row[],
  dimensions: number,
): Table => {
  const { RecordBatch, Struct, Table, makeData } = arrow;
  const children = columnsOf(arrow, dimensions).flatMap(({ valuesOf }) => valuesOf(rows) ?? []);
  const type = new Struct(schema.fields);
  const data = makeData({ type, length: rows.length, nullCount: 0, children });
  return new Table(schema, new RecordBatch(schema, data));
};

/** Returns the values of a column of any Arrow type. */
export const column = (batch: RecordBatch, name: string): unknown[] => [...(batch.getChild(name) ?? [])];

/** Reads the points of a batch for `listPoints`. */
export const readStoredPoints = (batch: RecordBatch): StoredPoint[] => {
  const versions = column(batch, "version");
  const vectors = batch.getChild("vector");
  return column(batch, "id").map((id, index) => {
    const vector: unknown = vectors?.get(index);
    const stored = { id: String(id), version: String(versions[index]) };
    return isIterable(vector) ? { ...stored, vector: Array.from(vector, Number) } : stored;
  });
};

/** Reads the texts of a column, also those of lists. */
export const textsOf = (batch: RecordBatch, name: string): string[] =>
  column(batch, name).flatMap((value) =>
    isIterable(value) ? Array.from(value, String) : value == null ? [] : [String(value)],
  );

/** Columns that {@link readContents} needs. */
export const CONTENT_COLUMNS = ["id", "content", "metadata"];

/** Reads the points of a batch for readers. */
export const readContents = (batch: RecordBatch): PointContent[] => {
  const [contents, metadata] = ["content", "metadata"].map((name) => column(batch, name));
  return column(batch, "id").map((id, index) => ({
    id: String(id),
    content: String(contents?.[index]),
    metadata: readMetadata(String(metadata?.[index])),
  }));
};

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.iterator in value;

const readMetadata = (json: string): PointMetadata => JSON.parse(json);
