import type { RecordBatch, Schema, Table } from "apache-arrow";
import type { CollectionSpec, Point, PointMetadata, StoredPoint } from "../sink.js";
import type { Arrow } from "./packages.js";

/** Version of the layout of the table. */
const FORMAT = "1";
const FORMAT_KEY = "unsiloed.format";
const MODEL_KEY = "unsiloed.model";

/** Makes writers that insert the same id at the same time conflict, instead of both inserting it. */
const PRIMARY_KEY = new Map([["lance-schema:unenforced-primary-key", "true"]]);

const MAX_PAGE = 2 ** 31 - 1;

/**
 * The columns of a table. What filters look at has a column of its own; `metadata` holds everything as JSON. The
 * name of the model is in the schema, so it is there as soon as the table is.
 */
export const tableSchema = (
  { Schema, Field, FixedSizeList, Float32, Float64, Int32, List, Utf8 }: Arrow,
  { dimensions, model }: CollectionSpec,
): Schema => {
  const text = (name: string) => new Field(name, new Utf8(), false);
  return new Schema(
    [
      new Field("id", new Utf8(), false, PRIMARY_KEY),
      new Field("vector", new FixedSizeList(dimensions, new Field("item", new Float32(), true)), false),
      text("content"),
      text("lexical"),
      text("doc_id"),
      text("version"),
      text("segment_type"),
      new Field("page_first", new Int32(), false),
      new Field("page_last", new Int32(), false),
      new Field("pages", new List(new Field("item", new Int32(), true)), false),
      new Field("confidence", new Float64(), true),
      text("metadata"),
    ],
    new Map([
      [FORMAT_KEY, FORMAT],
      [MODEL_KEY, model],
    ]),
  );
};

/** What a table was made for; `undefined` when this package did not make it, or a later version of it did. */
export const readSpec = ({ fields, metadata }: Schema): CollectionSpec | undefined => {
  const model = metadata.get(MODEL_KEY);
  const vector: unknown = fields.find(({ name }) => name === "vector")?.type;
  const dimensions =
    typeof vector === "object" && vector !== null ? Reflect.get(vector, "listSize") : undefined;
  if (metadata.get(FORMAT_KEY) !== FORMAT || model === undefined) return undefined;
  return typeof dimensions === "number" ? { dimensions, model } : undefined;
};

/** A point and its metadata as it will be stored. */
export interface Row {
  point: Point;
  metadata: string;
  /** About how many bytes it takes. */
  bytes: number;
}

export const toRow = (point: Point): Row => {
  const metadata = JSON.stringify(point.metadata);
  const { vector, content, lexical } = point;
  return { point, metadata, bytes: 4 * vector.length + content.length + lexical.length + metadata.length };
};

/** Every page a split stands on, ascending. */
const pagesOf = ({ page_number, boxes }: PointMetadata): number[] => {
  const pages = new Set([page_number, ...boxes.map((box) => box.page_number)]);
  return [...pages].map((page) => Math.min(page, MAX_PAGE)).sort((a, b) => a - b);
};

/** Rows as an Arrow table, the vectors as one run of floats rather than an object for each. */
export const toArrowTable = (
  arrow: Arrow,
  schema: Schema,
  rows: readonly Row[],
  dimensions: number,
): Table => {
  const { Field, Float32, FixedSizeList, List, Int32, Float64, Utf8, RecordBatch, Struct, Table } = arrow;
  const floats = new Float32Array(rows.length * dimensions);
  for (const [index, { point }] of rows.entries()) floats.set(point.vector, index * dimensions);
  const child = arrow.makeData({ type: new Float32(), length: floats.length, nullCount: 0, data: floats });
  const vectors = arrow.makeData({
    type: new FixedSizeList(dimensions, new Field("item", new Float32(), true)),
    length: rows.length,
    nullCount: 0,
    child,
  });
  const pages = rows.map(({ point }) => pagesOf(point.metadata));
  const texts = (pick: (row: Row) => string) => arrow.vectorFromArray(rows.map(pick), new Utf8()).data;
  const integers = (values: number[]) => arrow.vectorFromArray(values, new Int32()).data;
  const columns = [
    texts(({ point }) => point.id),
    [vectors],
    texts(({ point }) => point.content),
    texts(({ point }) => point.lexical),
    texts(({ point }) => point.metadata.doc_id),
    texts(({ point }) => point.metadata.version),
    texts(({ point }) => point.metadata.segment_type),
    integers(pages.map((list) => list[0] ?? 0)),
    integers(pages.map((list) => list.at(-1) ?? 0)),
    arrow.vectorFromArray(pages, new List(new Field("item", new Int32(), true))).data,
    arrow.vectorFromArray(
      rows.map(({ point }) => point.metadata.confidence),
      new Float64(),
    ).data,
    texts(({ metadata }) => metadata),
  ];
  const children = columns.flatMap(([data]) => (data ? [data] : []));
  const data = arrow.makeData({
    type: new Struct(schema.fields),
    length: rows.length,
    nullCount: 0,
    children,
  });
  return new Table(schema, new RecordBatch(schema, data));
};

/** The values of a column, whatever Arrow's type for them. */
export const column = (batch: RecordBatch, name: string): unknown[] => [...(batch.getChild(name) ?? [])];

/** The points of a batch as `listPoints` gives them. */
export const readStoredPoints = (batch: RecordBatch): StoredPoint[] => {
  const versions = column(batch, "version");
  const vectors = batch.getChild("vector");
  return column(batch, "id").map((id, index) => {
    const vector: unknown = vectors?.get(index);
    const stored = { id: String(id), version: String(versions[index]) };
    return isIterable(vector) ? { ...stored, vector: Array.from(vector, Number) } : stored;
  });
};

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.iterator in value;

export const readMetadata = (json: string): PointMetadata => JSON.parse(json);
